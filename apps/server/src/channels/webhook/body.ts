import { createHmac } from 'node:crypto'
import type { WebhookSettings } from '@countersign/contracts'
import { wayIn } from '#server/channels/message-words.ts'
import type { Letter } from '#server/channels/messenger.ts'
import { inert } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'

/** Where it goes, and how it is signed. */
export interface Hook {
  url: string
  signatureMethod: 'NONE' | 'HMAC_SHA1'
  signatureKey?: string | undefined
}

interface HookUser {
  uid: string
  name: string
}

/** The fields of DMS's own web hook, with display strings in the tenant's language, as DMS sends them. */
interface MessageEvent {
  submitterUid: string
  submitterName: string
  category: string
  module: string
  event: string
  /** Missing where it is about no ticket. */
  taskId?: string
  taskName: string
  /** Epoch milliseconds: documented as text, a number in the sample. */
  eventTime: number
  message: string
  /** For whom it was meant. */
  targetUsers: HookUser[]
  /** Whom it has reached, or is on its way to. */
  receivers: HookUser[]
}

/**
 * The body of DMS's web hook. What is signed is `messageEvent` byte for byte as it stands in the body. Source: Alibaba
 * Cloud, "Send notifications by using a custom webhook URL", and the sample of its Chinese page.
 */
export function hookBody(letter: Letter, hook: Hook, recipe: WebhookSettings['signatureRecipe']): string {
  const event = JSON.stringify(messageEvent(letter))
  const { signatureMethod } = hook
  const signatureText = signatureMethod === 'NONE' ? '' : signatureOf(hook, event, recipe)
  return `{"messageEvent":${event},${JSON.stringify({ signatureMethod, signatureText }).slice(1)}`
}

function messageEvent(letter: Letter): MessageEvent {
  const { to, locale, words, content, at } = letter
  const t = createTranslator(locale)
  const common = {
    category: t.text('hook.category'),
    eventTime: at,
    message: inert([words.title, words.body, wayIn(letter)?.url ?? ''].filter((part) => part !== '').join('\n')),
  }
  if (content.kind !== 'notice') {
    const person = { uid: to.uid, name: to.name }
    const isTest = content.kind === 'test' || content.kind === 'code'
    const what = isTest ? t.text('message.test') : words.title
    return {
      submitterUid: to.uid,
      submitterName: to.name,
      ...{ ...common, module: what, event: what, taskName: what },
      targetUsers: [person],
      receivers: [person],
    }
  }
  const { item, submitter, audience } = content
  return {
    submitterUid: submitter.uid,
    submitterName: submitter.name,
    category: common.category,
    module: t.module(item.ticket.module),
    event: t.text(`hook.${item.event}`),
    taskId: item.ticket.ticketId,
    taskName: item.ticket.title,
    eventTime: common.eventTime,
    message: common.message,
    targetUsers: audience.intended,
    receivers: audience.reached,
  }
}

/**
 * DMS says only that the signature is an HMAC-SHA1 made from the address, the password and the message event. The password
 * as the key is the natural reading; in which order the rest is put together the tenant can set.
 */
function signatureOf(
  { url, signatureKey = '' }: Hook,
  event: string,
  recipe: WebhookSettings['signatureRecipe'],
): string {
  const data: Record<typeof recipe, string> = {
    'url-newline-event': `${url}\n${event}`,
    'url-event': `${url}${event}`,
    event,
    'url-key-event': `${url}${signatureKey}${event}`,
  }
  return createHmac('sha1', signatureKey).update(data[recipe]).digest('base64')
}
