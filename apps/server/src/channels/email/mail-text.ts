import type { CardModel } from '#server/channels/channel.ts'
import type { Letter } from '#server/channels/messenger.ts'
import { inertLine } from '#server/channels/text.ts'
import type { Translator } from '#server/i18n/translator.ts'
import { noticeLine } from '#server/texts/notice-line.ts'
import type { MailLinks } from './compose.ts'
import { matterOf } from './mail-matter.ts'
import { wordsOf } from './plain-text.ts'

/** The mail in words only: all that the HTML says, with its links written out. */
export function mailText(letter: Letter, links: MailLinks, t: Translator): string {
  const { words, to, content } = letter
  // The list of a bundle stands below, with its links.
  const lead = content.kind === 'bundle' ? '' : wordsOf(words.body)
  const blocks = [words.title, lead, ...contentBlocks(letter, links, t)]
  const footer = ['--', t.text('mail.footer', { name: inertLine(to.name) })]
  if (links.signOff !== null) footer.push(`${t.text('mail.off')}: ${links.signOff}`)
  return [...blocks.filter((block) => block !== ''), footer.join('\n')].join('\n\n').concat('\n')
}

function contentBlocks({ content, words, timeZone }: Letter, { decisions }: MailLinks, t: Translator): string[] {
  switch (content.kind) {
    case 'notice': {
      const { ticket } = content.item
      const decide =
        decisions === null
          ? []
          : [
              `${t.text('card.approve')}: ${decisions.approve}`,
              `${t.text('card.reject')}: ${decisions.reject}`,
              t.text('mail.decide', { time: t.dateTime(decisions.expiresAt, timeZone) }),
            ]
      return [...ticketBlocks(ticket, words, t), ...decide, `${t.text('card.open')}: ${ticket.link}`]
    }
    case 'bundle': {
      const hidden = content.count - content.items.length
      return [
        ...content.items.map((item) => `${noticeLine(item, t)}\n${item.ticket.link}`),
        ...(hidden > 0 ? [t.text('message.more', { count: hidden })] : []),
        `${t.text('message.list')}: ${content.link}`,
      ]
    }
    case 'code':
      return [content.code]
    case 'test':
      return []
    case 'report':
      return [content.link]
  }
}

function ticketBlocks(card: CardModel, words: Letter['words'], t: Translator): string[] {
  const { facts, factsNote, description, code, codeNote } = matterOf(card, words, t)
  const noted = (text: string, note: string | null): string => (note === null ? text : `${text}\n[${note}]`)
  return [
    noted(facts.map(({ label, value }) => `${label}: ${value}`).join('\n'), factsNote),
    description === null ? '' : `${t.text('card.description')}:\n${noted(description.text, description.note)}`,
    ...code.map(({ title, text, note }) => `${title}:\n${noted(text, note)}`),
    codeNote === null ? '' : `[${codeNote}]`,
  ]
}
