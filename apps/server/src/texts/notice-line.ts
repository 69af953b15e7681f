import type { NoticeItem } from '#server/channels/messenger.ts'
import { ellipsis } from '#server/channels/text.ts'
import type { Translator } from '#server/i18n/translator.ts'
import { personLine } from './marks.ts'

/** UTF-16 units. */
const titleLength = 200

/** A ticket as people call it: "#1042 Export orders". */
export function ticketName({ number, title }: NoticeItem['ticket']): string {
  return `#${number} ${ellipsis(personLine(title), titleLength)}`
}

/**
 * "#1042 Export orders: your decision is needed". Others than those who are asked may be told too, and are not to think
 * that it is for them to decide.
 */
export function noticeLine({ event, ticket }: NoticeItem, t: Translator): string {
  const asksSomebodyElse = ticket.decision === 'none' && (event === 'pending' || event === 'reminded')
  return t.text(asksSomebodyElse ? 'notice.information' : `notice.${event}`, { ticket: ticketName(ticket) })
}
