import type { Core } from '#sandbox/core.ts'
import type { JsonObject } from '#sandbox/json.ts'
import { drawCard } from '#sandbox/platforms/dingtalk/template/draw.ts'
import { buttonsOf, type CardButton, type CardNode } from '#sandbox/platforms/dingtalk/template/drawn-card.ts'
import { holds } from '#sandbox/platforms/dingtalk/template/values.ts'
import type { PressOptions, PressResult } from '#sandbox/platforms/lark/press.ts'
import type { ChatMessage, DingtalkApp, Person } from '#sandbox/world.ts'
import { applyAnswer, readAnswer } from './answer.ts'
import type { CardCallbacks, Click, Delivered } from './callbacks.ts'
import type { CardDeps } from './deliver.ts'
import type { CardInstance } from './instances.ts'

/** Which button: its action id, its text, the value of its parameter `action`, its place, or a test of your own. */
export type ButtonMatcher = string | number | ((button: CardButton) => boolean)

/** A person's finger on a card: what the client does by itself, the callback, and what the answer changes. */
export class CardPressing {
  readonly #core: Core
  readonly #deps: CardDeps
  readonly #callbacks: CardCallbacks

  constructor(deps: CardDeps, callbacks: CardCallbacks) {
    this.#core = deps.core
    this.#deps = deps
    this.#callbacks = callbacks
  }

  /** The card of a message as its reader sees it; empty for anything but a card. */
  draw(message: ChatMessage, person: Person): CardNode[] {
    const card = this.#deps.cards.ofMessage(message)
    const template = card === undefined ? undefined : this.#deps.cards.templateOf(card)
    if (card === undefined || template === undefined) return []
    return drawCard(template, this.#deps.cards.paramsOf(card, person), person.locale)
  }

  async press(
    app: DingtalkApp,
    person: Person,
    message: ChatMessage,
    matcher: ButtonMatcher,
    options: PressOptions,
  ): Promise<PressResult> {
    const card = this.#deps.cards.ofMessage(message)
    const template = card === undefined ? undefined : this.#deps.cards.templateOf(card)
    if (card === undefined || template === undefined || message.state !== 'shown') {
      throw new Error(`Message ${message.messageId} shows no card to press on.`)
    }
    // What was typed into inputs lies in local variables, from where buttons take their parameters.
    const local = Object.fromEntries(
      Object.entries(options.formValues ?? {}).filter(([name]) => template.variables.get(name)?.isLocal === true),
    )
    const params = { ...this.#deps.cards.paramsOf(card, person), ...textValues(local) }
    const button = findButton(drawCard(template, params, person.locale), matcher)
    const early = stayOnPhone(button, options)
    if (early !== undefined) return early
    const { first, duplicates } = await this.#callbacks.deliver(app, card, renderClick(card, person, button, options))
    return {
      ...this.#show(app, card, person, message, button, first),
      callback: { url: first.url, headers: first.headers, body: first.body, plain: first.body, token: '', eventId: '' },
      status: first.status,
      answer: first.answer,
      ms: first.ms,
      ...(duplicates.length === 0 ? {} : { duplicates: duplicates.map(({ status, answer }) => ({ status, answer })) }),
    }
  }

  #show(
    app: DingtalkApp,
    card: CardInstance,
    person: Person,
    message: ChatMessage,
    button: CardButton,
    { answer, failure }: Delivered,
  ): Pick<PressResult, 'outcome' | 'toast' | 'card' | 'error'> {
    const read = failure === undefined ? readAnswer(answer, this.#deps.settings) : { problem: failure }
    if ('problem' in read) {
      const toast = this.#toast(person, message, 'error', button.failureToast || failureWords(person.locale))
      return { outcome: 'failed', toast, error: { number: 0, reason: read.problem } }
    }
    applyAnswer(this.#deps, app, card, person, read)
    const seen = { ...read.publicData, ...read.privateData }
    const isSuccess = holds(button.successCondition, { params: seen, locale: person.locale })
    const text = isSuccess ? button.successToast : button.failureToast
    const toast = text === '' ? undefined : this.#toast(person, message, isSuccess ? 'success' : 'error', text)
    return {
      outcome: 'answered',
      ...(toast === undefined ? {} : { toast }),
      ...(message.card === undefined ? {} : { card: message.card }),
    }
  }

  #toast(person: Person, message: ChatMessage, type: string, text: string) {
    const { messageId } = message
    this.#core.changes.announce({ kind: 'toast', personId: person.id, messageId, toast: { type, text } })
    return { type, content: text, text }
  }
}

function textValues(values: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

function findButton(nodes: CardNode[], matcher: ButtonMatcher): CardButton {
  const buttons = buttonsOf(nodes)
  const found =
    typeof matcher === 'number'
      ? buttons[matcher]
      : typeof matcher === 'function'
        ? buttons.find(matcher)
        : (buttons.find(({ actionId, params }) => actionId === matcher || params.action === matcher) ??
          buttons.find(({ text }) => text === matcher))
  if (found !== undefined) return found
  const present = buttons.map(({ text, actionId }) => `${text} (${actionId})`).join(', ')
  throw new Error(`The card has no such button: ${String(matcher)}. It has: ${present || 'none'}.`)
}

/** What the client decides by itself: disabled buttons, links, confirmations, empty required fields. */
function stayOnPhone(button: CardButton, options: PressOptions): PressResult | undefined {
  if (button.isDisabled) return { outcome: 'disabled' }
  const missing = button.fields.filter((field) => field.isRequired && !isFilled(fieldValue(field, options)))
  if (missing.length > 0) return { outcome: 'missing-fields', missing: missing.map(({ name }) => name) }
  if (button.confirm !== undefined && options.confirm !== true) {
    const outcome = options.confirm === false ? 'cancelled' : 'needs-confirmation'
    return { outcome, confirmation: button.confirm }
  }
  if (button.action === 'url') return { outcome: 'opened', openedUrl: button.url }
  return button.action === 'request' ? undefined : { outcome: 'answered' }
}

function fieldValue(field: CardButton['fields'][number], options: PressOptions): string | string[] {
  return options.formValues?.[field.name] ?? field.defaultValue
}

/** A box that must be ticked is not filled by "false". */
function isFilled(value: string | string[]): boolean {
  return value.length > 0 && value !== 'false'
}

/** The fields of a click (event-callback-card page; Stream carries the rest). */
function renderClick(card: CardInstance, person: Person, button: CardButton, options: PressOptions): Click {
  const params: JsonObject = { ...button.params }
  if (button.sends === 'form') {
    params.form = Object.fromEntries(button.fields.map((field) => [field.name, formValue(field, options)]))
  }
  if (button.sends === 'input') params.input = fieldValue(button.fields[0] ?? emptyField, options)
  const userId = card.userIdType === 2 ? person.unionId : person.userId
  return {
    common: { type: 'actionCallback', outTrackId: card.outTrackId, corpId: person.tenantKey, userId },
    content: JSON.stringify({ cardPrivateData: { actionIds: [button.actionId], params } }),
    more: { userIdType: card.userIdType, spaceType: 'im', spaceId: `IM_ROBOT.${userId}`, extension: '{}' },
  }
}

const emptyField: CardButton['fields'][number] = {
  name: 'input',
  label: '',
  type: 'TEXT',
  isRequired: false,
  requiredMessage: '',
  placeholder: '',
  defaultValue: '',
  isReadOnly: false,
  options: [],
}

/** A form's values by their kind: boxes and switches are booleans, choices carry their place. */
function formValue(field: CardButton['fields'][number], options: PressOptions): unknown {
  const value = fieldValue(field, options)
  if (field.type === 'CHECKBOX' || field.type === 'SWITCH') return value === 'true'
  if (field.type === 'SELECT' || field.type === 'CHECKBOX_GROUP') {
    return { index: field.options.findIndex((option) => option.value === value), value }
  }
  if (field.type === 'MULTI_SELECT' || field.type === 'MULTI_CHECKBOX_GROUP') {
    const values = typeof value === 'string' ? [value] : value
    return { index: values.map((one) => field.options.findIndex((option) => option.value === one)), value: values }
  }
  const number = Number(value)
  return field.type === 'NUMBER' && value !== '' && !Number.isNaN(number) ? number : value
}

function failureWords(locale: string): string {
  return locale.startsWith('zh') ? '操作失败，请稍后重试' : 'Something went wrong, try again later'
}
