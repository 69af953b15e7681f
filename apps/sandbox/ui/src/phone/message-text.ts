import { isObject, parseJson, stringAt } from '../../../src/json.ts'
import { textFor } from '../../../src/platforms/lark/card/controls.ts'
import type { ChatMessage } from '../../../src/world.ts'
import { summaryOf } from '../dingtalk/plain-message.ts'

/** The words of a text message; cards and others have none. */
export function textOf(message: ChatMessage): string {
  const value = parseJson(message.content)
  return isObject(value) ? (stringAt(value, 'text') ?? `[${message.msgType}]`) : message.content
}

/** The same in parts, since clients make addresses in a text into links. */
export function partsOf(message: ChatMessage): { text: string; isLink: boolean }[] {
  return linkParts(textOf(message))
}

/** Any text with its addresses told apart. */
export function linkParts(whole: string): { text: string; isLink: boolean }[] {
  return whole
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((text, index) => ({ text, isLink: index % 2 === 1 }))
    .filter(({ text }) => text !== '')
}

/** One line for the chat list: the card's summary or title, or the text. */
export function previewOf(message: ChatMessage, locale: string): string {
  if (message.state !== 'shown') return '…'
  const card = message.card
  if (message.platform === 'dingtalk' && message.from === 'bot') return dingtalkPreview(message)
  if (card === undefined) return textOf(message)
  const summary = isObject(card.config) ? textFor(card.config.summary, locale) : ''
  return summary || (isObject(card.header) ? textFor(card.header.title, locale) : '') || '[Card]'
}

/** A card names its line in the list itself. */
function dingtalkPreview({ card, msgType, content }: ChatMessage): string {
  if (card === undefined) return summaryOf(msgType, content)
  const value = parseJson(content)
  return (isObject(value) && stringAt(value, 'lastMessage')) || '[Card]'
}

/** Clock time today, day and month before. */
export function timeOf(at: number, locale: string, now: number): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date(now).toDateString()
  const language = locale.replace('_', '-')
  return isToday
    ? date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(language, { month: 'short', day: 'numeric' })
}
