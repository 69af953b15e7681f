import type { WecomRobotSettings } from '@countersign/contracts'
import type { CardModel } from '#server/channels/channel.ts'
import { fitBytes } from '#server/channels/fit-bytes.ts'
import { wayIn } from '#server/channels/message-words.ts'
import type { Letter } from '#server/channels/messenger.ts'
import { ellipsis, inert, longText, shorten } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { escapeLine } from '#server/texts/escape.ts'

/** The platform refuses more. Bytes of UTF-8. */
export const maxTextBytes = 2_048
export const maxMarkdownBytes = 4_096
/** The platform advises no more characters on a card. */
const maxCard = { title: 26, description: 30, text: 112 }
const maxTitleLength = 200
/** Less of a text says nothing. */
const shortestMore = 20

/** The message as the robot takes it. Only a card about one ticket can lead somewhere as a whole; all else is text. */
export function wecomRobotBody(letter: Letter, messageType: WecomRobotSettings['messageType']): object {
  if (messageType === 'markdown') return { msgtype: 'markdown', markdown: { content: markdownOf(letter) } }
  const { content } = letter
  if (messageType === 'card' && content.kind === 'notice') {
    return { msgtype: 'template_card', template_card: cardOf(letter, content.item.ticket) }
  }
  return { msgtype: 'text', text: { content: textOf(letter) } }
}

/** A notice without buttons: a robot's card cannot call back, so a tap on it leads to the ticket. */
function cardOf({ words, locale }: Letter, ticket: CardModel): object {
  const t = createTranslator(locale)
  const said = ellipsis(words.title, maxCard.text - 1)
  const room = maxCard.text - said.length - 2
  const more = room > shortestMore && words.body !== '' ? `\n${beginning(words.body, room)}` : ''
  return {
    card_type: 'text_notice',
    main_title: {
      title: ellipsis(`#${ticket.number} ${ticket.title}`, maxCard.title - 1),
      desc: ellipsis(t.module(ticket.module), maxCard.description - 1),
    },
    sub_title_text: `${said}${more}`,
    card_action: { type: 1, url: ticket.link },
  }
}

/** Whole lines as long as there are any. */
function beginning(text: string, length: number): string {
  const { text: kept, shown, total } = shorten(longText(inert(text), length - 2), length - 2)
  if (shown === total) return kept
  const lineEnd = kept.lastIndexOf('\n')
  return lineEnd > 0 ? `${kept.slice(0, lineEnd)}\n…` : `${kept.trimEnd()}…`
}

function textOf(letter: Letter): string {
  const way = wayIn(letter)
  const head = `${ellipsis(letter.words.title, maxTitleLength)}\n`
  const foot = way === null ? '' : `\n${way.label}: ${way.url}`
  return within(letter, { head: unlinked(head), foot }, maxTextBytes)
}

function markdownOf(letter: Letter): string {
  const way = wayIn(letter)
  const head = `### ${escapeLine(ellipsis(letter.words.title, maxTitleLength), 'wecom-markdown')}\n`
  const foot = way === null ? '' : `\n[${way.label}](${way.url})`
  return within(letter, { head, foot }, maxMarkdownBytes)
}

/** Title and link stay whole; what has to go is of the body. */
function within({ words, locale }: Letter, { head, foot }: { head: string; foot: string }, maxBytes: number): string {
  const room = maxBytes - Buffer.byteLength(head) - Buffer.byteLength(foot)
  return `${head}${fitBytes(unlinked(inert(words.body)), room, createTranslator(locale).text('message.cut'))}${foot}`
}

/** The client makes a link of every address in a text; the only one there should be is ours, at its end. */
function unlinked(text: string): string {
  return text.replaceAll('://', '：//')
}
