import type { CardModel, Delivered, SharedReceiver, SharedResult } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { inert, inertLine } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { type CardSetting, noticeText, titleText } from './card-data.ts'
import { summaryText } from './card-sections.ts'
import type { DingtalkClient } from './client.ts'
import { fitLine, fitLines } from './fit.ts'
import { h5Link } from './links.ts'
import { RobotSent, type SentMessage, WorkSent } from './wire.ts'

/*
 * Messages in plain words with a link, for whom the card cannot be delivered: the robot's first, a work notification
 * last. They cannot change once sent. Documents: robot message types, sending one-to-one messages in batches, work
 * notifications.
 */

export interface PlainApp extends CardSetting {
  robotCode: string
  /** Null where the edition has no work notifications. */
  agentId: string | null
}

export interface PlainMessages {
  /** One result for each receiver; `why` the card did not do, for the log of the delivery. */
  send(receivers: readonly SharedReceiver[], why: ChannelError): Promise<SharedResult[]>
  /** Says it again when the ticket is no longer as the message told it. */
  renew(sent: Exclude<SentMessage, { kind: 'card' }>, receiver: SharedReceiver): Promise<Delivered>
  /** Words of ours to one person, by the robot, as plain text. Throws ChannelError. */
  say(saying: { platformUserId: string; text: string }): Promise<Delivered>
}

/** Receivers of one robot message; an error text of the platform names 100, its parameter 20. */
const MAX_RECEIVERS = 20
/** Of a button on a work notification. */
const MAX_BUTTON_CHARACTERS = 20
const MAX_MARKDOWN_BYTES = 1_000

export class RobotAndWork implements PlainMessages {
  readonly #client: DingtalkClient
  readonly #app: PlainApp
  readonly #now: () => number

  constructor(client: DingtalkClient, app: PlainApp, now: () => number) {
    this.#client = client
    this.#app = app
    this.#now = now
  }

  async send(receivers: readonly SharedReceiver[], error: ChannelError): Promise<SharedResult[]> {
    const why = `no card (${error.code}: ${error.message})`
    const done = new Map<SharedReceiver, SharedResult>()
    for (const alike of groups(receivers, this.#app)) {
      const results = await this.#sendAlike(alike, why)
      for (const [index, receiver] of alike.entries()) {
        const result = results[index]
        if (result !== undefined) done.set(receiver, result)
      }
    }
    return receivers.map((receiver) => done.get(receiver) ?? { ok: false, error })
  }

  async renew(sent: Exclude<SentMessage, { kind: 'card' }>, receiver: SharedReceiver): Promise<Delivered> {
    if (sent.status === receiver.card.status) {
      const text = 'a plain message stays as it is; its link leads to the ticket as it is'
      return { message: sent, code: 'ok', text }
    }
    const changed = new ChannelError('gone', 'plain_message', 'what was sent cannot change and told another state')
    const [result] = await this.send([receiver], changed)
    if (result === undefined || !result.ok) throw result?.error ?? changed
    return result.delivered
  }

  async say({ platformUserId, text }: { platformUserId: string; text: string }): Promise<Delivered> {
    const { key, refused } = await this.#byRobot([platformUserId], 'sampleText', { content: inert(text) })
    const refusal = refused.get(platformUserId)
    if (refusal !== undefined) throw refusal
    const message: SentMessage = { kind: 'robot', processQueryKey: key, status: '' }
    return { message, code: 'ok', text: 'said by the robot' }
  }

  /** By the robot to all, by work notification to those whom it does not reach. */
  async #sendAlike(receivers: readonly SharedReceiver[], why: string): Promise<SharedResult[]> {
    const [first] = receivers
    if (first === undefined) return []
    const userIds = receivers.map(({ platformUserId }) => platformUserId)
    try {
      const { key, refused } = await this.#byRobot(userIds, 'sampleActionCard', robotCard(first.card, this.#app))
      const one = async (receiver: SharedReceiver): Promise<SharedResult> => {
        const refusal = refused.get(receiver.platformUserId)
        if (refusal !== undefined) return this.#byWork(receiver, refusal, why)
        const message: SentMessage = { kind: 'robot', processQueryKey: key, status: receiver.card.status }
        return { ok: true, delivered: { message, code: 'ok', text: `${why}; the robot sent a link instead` } }
      }
      return await Promise.all(receivers.map(one))
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      if (!isFinal(error)) return receivers.map(() => ({ ok: false, error }))
      return Promise.all(receivers.map((receiver) => this.#byWork(receiver, error, why)))
    }
  }

  async #byRobot(userIds: readonly string[], msgKey: string, msgParam: object) {
    const body = { robotCode: this.#app.robotCode, userIds, msgKey, msgParam: JSON.stringify(msgParam) }
    const api = '/v1.0/robot/oToMessages/batchSend'
    const answer = await this.#client.callNew({ api, body, answer: RobotSent, isCounted: true })
    const refused = new Map([
      ...(answer.flowControlledStaffIdList ?? []).map((id) => [id, flowControlled] as const),
      ...(answer.invalidStaffIdList ?? []).map((id) => [id, unknownReceiver] as const),
    ])
    return { key: answer.processQueryKey ?? '', refused }
  }

  async #byWork(receiver: SharedReceiver, robot: ChannelError, why: string): Promise<SharedResult> {
    const { agentId } = this.#app
    if (agentId === null) return { ok: false, error: robot }
    const { card, platformUserId } = receiver
    const body = { agent_id: agentId, userid_list: platformUserId, msg: workNotice(card, this.#app, this.#now()) }
    const api = '/topapi/message/corpconversation/asyncsend_v2'
    try {
      const { task_id: taskId } = await this.#client.callOld({ api, body, answer: WorkSent, isCounted: true })
      const message: SentMessage = { kind: 'work', taskId: String(taskId), status: card.status }
      const text = `${why}; the robot did not reach them (${robot.code}); a work notification was sent instead`
      return { ok: true, delivered: { message, code: 'ok', text } }
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      return { ok: false, error }
    }
  }
}

/** No limit of the app: it counts as a try, and holds up nobody else. */
const flowControlled = new ChannelError('retry', 'flowControlledStaffId', 'too many messages to this person', {
  retryAfterMs: 60_000,
})
const unknownReceiver = new ChannelError('rejected', 'invalidStaffId', 'the robot cannot write to this person')

/** Nothing that trying again soon would mend. */
function isFinal({ kind }: ChannelError): boolean {
  return kind === 'rejected' || kind === 'gone' || kind === 'auth'
}

/** Those who get the same words share a call. */
function groups(receivers: readonly SharedReceiver[], app: PlainApp): SharedReceiver[][] {
  const alike = Object.values(Object.groupBy(receivers, ({ card }) => JSON.stringify(robotCard(card, app))))
  return alike.flatMap((group = []) =>
    Array.from({ length: Math.ceil(group.length / MAX_RECEIVERS) }, (_, part) =>
      group.slice(part * MAX_RECEIVERS, (part + 1) * MAX_RECEIVERS),
    ),
  )
}

function robotCard(card: CardModel, app: PlainApp): object {
  const t = createTranslator(card.locale)
  return {
    title: noticeText(card, t),
    text: plainMarkdown(card),
    singleTitle: buttonText(card),
    singleURL: h5Link(card.link, app.corpId),
  }
}

/** Never the same twice: of two alike to one person on one day the platform drops the second without a word. */
function workNotice(card: CardModel, app: PlainApp, at: number): object {
  const time = new Date(at).toISOString().slice(11, 19)
  return {
    msgtype: 'action_card',
    action_card: {
      title: noticeText(card, createTranslator(card.locale)),
      markdown: `${plainMarkdown(card)}\n\n${time} UTC`,
      single_title: buttonText(card),
      single_url: h5Link(card.link, app.corpId),
    },
  }
}

function buttonText(card: CardModel): string {
  return createTranslator(card.locale)
    .text(card.decision === 'none' ? 'card.open' : 'card.review')
    .slice(0, MAX_BUTTON_CHARACTERS)
}

function plainMarkdown(card: CardModel): string {
  const t = createTranslator(card.locale)
  const lines = summaryText(card, t).split('\n')
  const status = t.text(`status.${card.status}`)
  const words = [fitLine(titleText(card), 300), `${t.module(card.module)} · ${t.text(`risk.${card.risk}`)} · ${status}`]
  return fitLines(
    [`### ${words.map(escaped).join('\n\n')}`, ...lines.map((line) => `\n${escaped(line)}`)],
    MAX_MARKDOWN_BYTES,
  )
}

/** In the platform's markdown what people wrote must be no link, mention, tag or code: look-alikes take their place. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...{ '[': '［', ']': '］', '<': '＜', '>': '＞', '@': '＠', '`': 'ˋ', '!': '！' },
  // An address in plain sight would be made a link.
  '://': '：//',
}

function escaped(text: string): string {
  return inertLine(text).replace(/:\/\/|[[\]<>@`!]/g, (mark) => lookAlikes[mark] ?? mark)
}
