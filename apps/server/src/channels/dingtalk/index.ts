import { DingtalkExclusiveSettings, DingtalkSettings } from '@countersign/contracts'
import type { Channel, Delivered, Listener, SharedResult } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { untilStopped } from '#server/channels/finding.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { callQuota } from '#server/quota/usage.ts'
import { answerTap } from './answer.ts'
import { createPersonProofs, type PersonProofs } from './button-proof.ts'
import { type CardApp, createCardCalls } from './card-calls.ts'
import { createDingtalkClient, type DingtalkDeps } from './client.ts'
import { createDingtalkDirectory } from './directory.ts'
import { examineDingtalk } from './doctor/examine.ts'
import { authorizeUrl, exchangeCode } from './login.ts'
import { createMemberIndex } from './member-index.ts'
import { pacedClient } from './pace.ts'
import { type CallbackIdentity, parseCallback, parsePushed } from './parse.ts'
import { findPerson } from './people.ts'
import { type PlainApp, RobotAndWork } from './plain-messages.ts'
import { registerCallback, routeKey } from './registration.ts'
import { DingtalkCards } from './shared-cards.ts'
import { StreamConnection } from './stream/connection.ts'
import type { Pushed } from './stream/session.ts'
import { DingtalkAddress, SentMessage } from './wire.ts'

export type { DingtalkDeps } from './client.ts'

/** What DingTalk can do beside what every channel can. */
export interface DingtalkChannel extends Channel {
  readonly corpId: string
  readonly shared: DingtalkCards
}

/** Of an organisation on Standard that has bought nothing (billing model, since 2025-11-19). */
const STANDARD_CALLS = 5_000

type Edition = 'dingtalk' | 'dingtalkExclusive'
type Settings = DingtalkSettings | DingtalkExclusiveSettings

/** DingTalk in the Standard or the Exclusive Edition, for one tenant's app. */
export function createDingtalk(
  record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>,
  deps: DingtalkDeps,
): DingtalkChannel {
  const { edition, settings, agentId } = readSettings(record)
  const { appKey, appSecret, corpId, connection } = settings
  const callbackSecret = settings.callbackSecret?.trim() ? settings.callbackSecret : null
  const proofs = createPersonProofs(appSecret)
  const callbackRouteKey = routeKey(appKey)
  const { cardTemplateId, robotCode } = settings
  const monthlyCalls = settings.monthlyCallQuota ?? (edition === 'dingtalk' ? STANDARD_CALLS : null)
  const quota = callQuota(monthlyCalls, settings.saveCallsFrom)
  const app: CardApp & PlainApp = {
    ...{ corpId, prove: proofs.prove, cardTemplateId, connection, callbackRouteKey, robotCode, agentId },
  }
  const client = createDingtalkClient(settings, deps)
  const members = createMemberIndex(client, deps.now)
  const lookUps = pacedClient(client)
  const plain = new RobotAndWork(client, app, deps.now)
  const shared = new DingtalkCards(createCardCalls(client, app), plain, app)
  const identity = identityOf(settings, callbackSecret, proofs)

  return {
    tenantId: record.tenantId,
    name: edition,
    appId: appKey,
    corpId,
    takesActions: connection === 'stream' || callbackSecret !== null,
    // The H5 app brings the code for DingTalk's web view itself.
    jsSdkUrl: null,
    origins: { frame: frameOrigins(settings), script: [] },
    // Per app and API; what one person gets is limited too, but the platform says only that it was too much.
    limits: { app: [{ points: 20, seconds: 1 }], receiver: [], message: [] },
    ...(quota !== null && { callQuota: quota }),
    shared,
    directory: createDingtalkDirectory(client),
    callbackParts: ['card', 'robot'],

    resolve: (addresses) =>
      Promise.all(addresses.map((address) => findPerson(lookUps, members, DingtalkAddress.catch({}).parse(address)))),
    send: async (outgoing) => onlyResult(await shared.create(outgoing.idempotencyKey, [outgoing])),
    async update(message, outgoing) {
      const sent = SentMessage.safeParse(message)
      if (!sent.success) throw new ChannelError('gone', 'unknown_message', 'the address of the message is not readable')
      return sent.data.kind === 'card' ? shared.update(message, [outgoing]) : plain.renew(sent.data, outgoing)
    },
    say: (saying) => plain.say(saying),

    receive: (callback) => parseCallback(callback, identity),
    answer: (reply) => answerTap(reply, app),
    // To a robot's message this says nothing; to anything else it changes nothing.
    acknowledge: () => ({ msgtype: 'empty' }),
    ...(connection === 'stream'
      ? {
          connectsBy: connection,
          connect: (listener: Listener) => openConnection(settings, identity, listener, deps.now),
        }
      : {
          async registerCallback(publicUrl: string, options: { replace: boolean }) {
            if (callbackSecret === null) {
              throw new ChannelError('auth', 'not_configured', 'the channel has no callback secret')
            }
            return registerCallback(client, { appKey, callbackSecret, callbackRouteKey }, publicUrl, options)
          },
        }),

    examine(examination) {
      const fresh = pacedClient(untilStopped(createDingtalkClient(settings, deps), examination.signal))
      return examineDingtalk(
        { edition, settings, agentId, callbackRouteKey, client: fresh, now: deps.now },
        examination,
      )
    },

    authorizeUrl: (start) =>
      authorizeUrl(
        { loginUrl: settings.loginUrl, appKey, corpId, isExclusive: edition === 'dingtalkExclusive' },
        start,
      ),
    exchange: (login) => exchangeCode(settings, client, login),
  }
}

function readSettings(record: Pick<ChannelRecord, 'name' | 'settings'>): {
  edition: Edition
  settings: Settings
  agentId: string | null
} {
  if (record.name === 'dingtalkExclusive') {
    return { edition: record.name, settings: DingtalkExclusiveSettings.parse(record.settings), agentId: null }
  }
  if (record.name !== 'dingtalk') throw new Error(`${record.name} is no edition of DingTalk`)
  const settings = DingtalkSettings.parse(record.settings)
  return { edition: record.name, settings, agentId: settings.agentId }
}

function identityOf(settings: Settings, callbackSecret: string | null, proofs: PersonProofs): CallbackIdentity {
  const { appSecret, corpId, callbackSignature } = settings
  const toleranceMs = settings.callbackToleranceSeconds * 1_000
  return { callbackSecret, callbackSignature, appSecret, toleranceMs, corpId, proofs }
}

function openConnection(
  { appKey, appSecret, apiUrl }: Settings,
  identity: CallbackIdentity,
  { receive, changed, failed }: Listener,
  now: () => number,
): StreamConnection {
  const handle = (pushed: Pushed): Promise<unknown> => receive(parsePushed(pushed, identity))
  return new StreamConnection({ appKey, appSecret, apiUrl, handle, now, random: Math.random, changed, failed })
}

function onlyResult([result]: readonly SharedResult[]): Delivered {
  if (result === undefined) throw new Error('a send has one receiver')
  if (!result.ok) throw result.error
  return result.delivered
}

/** The client on computers shows pages in frames of its own. */
function frameOrigins({ apiUrl, loginUrl }: Settings): string[] {
  return [...new Set([new URL(apiUrl).origin, new URL(loginUrl).origin, 'https://*.dingtalk.com'])]
}
