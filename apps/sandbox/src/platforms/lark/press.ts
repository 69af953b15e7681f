import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { App, ChatMessage, Person } from '#sandbox/world.ts'
import { clientErrors, readAnswer, type Toast } from './answer.ts'
import type { Callbacks, Push } from './callbacks.ts'
import { isShared } from './card/card.ts'
import { type Control, controlsOf } from './card/controls.ts'
import type { DelayedUpdates } from './delayed-update.ts'
import { renderHeader } from './events.ts'
import { CARD_LIFE_MS } from './messages.ts'

/** 1.0 cards stay clickable longer than they can be updated; 2.0 cards do not. */
const V1_CLICK_LIFE_MS = 30 * 24 * 3_600_000

/** Which button: its name, element id or text in any language, or a test of your own. */
export type ControlMatcher = string | ((control: Control) => boolean)

export interface PressOptions {
  /** What the person has filled in, by the field's name. */
  formValues?: Record<string, string | string[]>
  /** The answer to the confirmation dialog, when the button has one; without it the dialog is only shown. */
  confirm?: boolean
}

/** What the person sees after a press, and what went over the wire. */
export interface PressResult {
  /**
   * `answered`: the server's answer was applied; `failed`: the client shows `error`; `opened`: only an address was
   * opened; the others never left the phone.
   */
  outcome:
    | 'answered'
    | 'failed'
    | 'opened'
    | 'needs-confirmation'
    | 'cancelled'
    | 'missing-fields'
    | 'disabled'
    | 'reset'
  /** The callback as sent, byte for byte. */
  callback?: {
    url: string
    headers: Record<string, string>
    body: string
    plain: string
    token: string
    eventId: string
  }
  status?: number
  /** The body of the server's answer. */
  answer?: string
  /** How long the server took, in milliseconds. */
  ms?: number
  /** Answers to duplicate deliveries made by a fault. */
  duplicates?: { status: number; answer: string }[]
  toast?: { type: string; content: string; text: string }
  /** The card that the answer put in place. */
  card?: JsonObject
  error?: { number: number; reason: string }
  openedUrl?: string
  confirmation?: { title: string; text: string }
  missing?: string[]
}

export interface Pressing {
  press(
    app: App,
    person: Person,
    message: ChatMessage,
    matcher: ControlMatcher,
    options: PressOptions,
  ): Promise<PressResult>
}

export function createPressing(core: Core, callbacks: Callbacks, delayed: DelayedUpdates): Pressing {
  const { world, clock, changes } = core

  const press: Pressing['press'] = async (app, person, message, matcher, options) => {
    if (message.card === undefined || message.state !== 'shown') {
      throw new Error(`Message ${message.messageId} shows no card to press on.`)
    }
    const control = findControl(message.card, matcher, person.locale)
    const early = stayOnPhone(control, options)
    if (early !== undefined) return early
    const opened = control.openUrl === undefined ? {} : { openedUrl: control.openUrl }
    const calls = control.value !== undefined || control.isSubmit
    if (!calls) return { outcome: 'opened', ...opened }
    if (clock.now() - message.createdAt > (isVersion2(message) ? CARD_LIFE_MS : V1_CLICK_LIFE_MS)) {
      return {
        outcome: 'failed',
        error: { number: clientErrors.unreachable, reason: 'the card is too old to be used' },
        ...opened,
      }
    }
    const token = delayed.issue(message)
    const eventId = freshId('')
    const push = await callbacks.push(
      app,
      renderAction({ core, app, person, message, control, options, token, eventId }),
    )
    delayed.markAnswered(token)
    const seen = { url: push.url, headers: push.headers, body: push.body, plain: push.plain, token, eventId }
    return { ...apply(person, message, push), ...describe(push), callback: seen, ...opened }
  }

  const apply = (
    person: Person,
    message: ChatMessage,
    push: Push,
  ): Pick<PressResult, 'outcome' | 'toast' | 'card' | 'error'> => {
    if (push.fault !== undefined) return fail(person, message, clientErrors.unreachable, push.fault)
    const answer = readAnswer(push.answer)
    if (!answer.ok) return fail(person, message, answer.error.number, answer.error.reason)
    const toast = answer.toast === undefined ? undefined : showToast(person, message, answer.toast)
    // Beyond 14 days a 1.0 card still takes the press, but the card in the answer has no effect.
    const isUpdatable = clock.now() - message.createdAt <= CARD_LIFE_MS && message.state === 'shown'
    const card = isUpdatable ? answer.card : undefined
    if (card !== undefined) {
      world.replaceCard(message, card, 'answer', clock.now())
      changes.announce({ kind: 'message', personId: person.id, messageId: message.messageId })
    }
    return { outcome: 'answered', ...(toast === undefined ? {} : { toast }), ...(card === undefined ? {} : { card }) }
  }

  const showToast = (person: Person, message: ChatMessage, toast: Toast) => {
    const text =
      toast.i18n[person.locale] ?? (toast.content || (toast.i18n.en_us ?? Object.values(toast.i18n)[0] ?? ''))
    changes.announce({
      kind: 'toast',
      personId: person.id,
      messageId: message.messageId,
      toast: { type: toast.type, text },
    })
    return { type: toast.type, content: toast.content, text }
  }

  const fail = (person: Person, message: ChatMessage, number: number, reason: string) => {
    const toast = { type: 'error', text: `Something went wrong, code ${number}` }
    changes.announce({ kind: 'toast', personId: person.id, messageId: message.messageId, toast })
    return { outcome: 'failed' as const, error: { number, reason } }
  }

  return { press }
}

/** What the client decides by itself: confirmation, empty required fields, disabled and reset buttons. */
function stayOnPhone(control: Control, options: PressOptions): PressResult | undefined {
  if (control.isDisabled) return { outcome: 'disabled' }
  if (control.isReset) return { outcome: 'reset' }
  const missing = control.isSubmit ? missingFields(control, options) : []
  if (missing.length > 0) return { outcome: 'missing-fields', missing }
  if (control.confirm === undefined || options.confirm === true) return undefined
  return options.confirm === false
    ? { outcome: 'cancelled', confirmation: control.confirm }
    : { outcome: 'needs-confirmation', confirmation: control.confirm }
}

function missingFields(control: Control, options: PressOptions): string[] {
  return fieldsOf(control)
    .filter((field) => field.isRequired && !(options.formValues?.[field.name ?? ''] ?? field.defaultValue)?.length)
    .map((field) => field.name ?? '')
}

function fieldsOf(control: Control): Control[] {
  return control.form?.controls.filter((one) => one.tag !== 'button') ?? []
}

function findControl(card: JsonObject, matcher: ControlMatcher, locale: string): Control {
  const controls = controlsOf(card, locale).filter((control) => control.tag === 'button')
  const found =
    typeof matcher === 'function'
      ? controls.find(matcher)
      : (controls.find((control) => control.name === matcher || control.elementId === matcher) ??
        controls.find((control) => control.texts.includes(matcher)))
  if (found !== undefined) return found
  const present = controls.map((control) => control.name ?? control.texts[0] ?? '(no text)').join(', ')
  throw new Error(`The card has no such button: ${String(matcher)}. It has: ${present || 'none'}.`)
}

interface Action {
  core: Core
  app: App
  person: Person
  message: ChatMessage
  control: Control
  options: PressOptions
  token: string
  eventId: string
}

/** The body of `card.action.trigger` (card-callback-communication-callback-structure.md). */
function renderAction({ core, app, person, message, control, options, token, eventId }: Action): JsonObject {
  const createTime = String(core.clock.wallNow() * 1000)
  const formValue = Object.fromEntries(
    fieldsOf(control).map((field) => [
      field.name ?? '',
      options.formValues?.[field.name ?? ''] ?? field.defaultValue ?? '',
    ]),
  )
  return {
    schema: '2.0',
    header: renderHeader(app, eventId, 'card.action.trigger', createTime),
    event: {
      operator: {
        tenant_key: person.tenantKey,
        open_id: core.world.openId(app, person),
        union_id: person.unionId,
        ...(app.scopes.includes('contact:user.employee_id:readonly') ? { user_id: person.userId } : {}),
      },
      token,
      action: {
        tag: control.tag,
        ...(control.value === undefined ? {} : { value: control.value }),
        ...(control.name === undefined ? {} : { name: control.name }),
        ...(control.isSubmit ? { form_value: formValue } : {}),
        timezone: 'Asia/Shanghai',
      },
      host: 'im_message',
      context: { open_message_id: message.messageId, open_chat_id: message.chatId },
    },
  }
}

function describe(push: Push): Pick<PressResult, 'status' | 'answer' | 'ms' | 'duplicates'> {
  return {
    status: push.answer.status,
    answer: push.answer.body,
    ms: push.answer.ms,
    ...(push.duplicates.length === 0
      ? {}
      : { duplicates: push.duplicates.map(({ answer }) => ({ status: answer.status, answer: answer.body })) }),
  }
}

function isVersion2(message: ChatMessage): boolean {
  return message.card !== undefined && message.card.schema === '2.0' && isShared(message.card)
}
