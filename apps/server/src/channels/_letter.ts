import { defaultTexts } from '#server/texts/_default-texts.ts'
import { cardModel } from './_card-model.ts'
import type { CardModel } from './channel.ts'
import type { Letter, MessageContent, Messenger } from './messenger.ts'

/* Messages as tests need them, in the words that people get. */

export const people = [
  { uid: 'alice', name: 'Alice' },
  { uid: 'carol', name: 'Carol' },
]

/** A notice that asks for a decision; change what the test is about. */
export function noticeOf(changes: Partial<CardModel> = {}): MessageContent {
  const ticket = cardModel({ decision: 'review', ...changes })
  return {
    kind: 'notice',
    item: { event: ticket.event, ticket },
    submitter: { uid: 'bob', name: ticket.submitter },
    audience: { intended: people, reached: people.slice(0, 1) },
  }
}

/** Many at once. */
export function bundleOf(count: number, changes: Partial<CardModel> = {}, named = Math.min(count, 20)): MessageContent {
  const items = Array.from({ length: named }, (_, n) => ({
    event: 'pending' as const,
    ticket: cardModel({ decision: 'review', number: 1_042 + n, ...changes }),
  }))
  return { kind: 'bundle', items, count, link: 'https://approve.example.com/console/mobile/index/?t=acme' }
}

export async function letterOf(
  messenger: Pick<Messenger, 'name' | 'format'>,
  address: unknown,
  content: MessageContent = noticeOf(),
  changes: Partial<Letter> = {},
): Promise<Letter> {
  const locale = changes.locale ?? 'en'
  const timeZone = 'Asia/Singapore'
  const to = { uid: 'alice', name: 'Alice' }
  const { name: channel, format } = messenger
  const words = await defaultTexts.render('acme', { channel, recipient: to, locale, timeZone, format, content })
  return {
    ...{ to, address, isOperators: true, locale, timeZone, words, content },
    idempotencyKey: 'q0S8cVd5m1kZb3uJ7yXwR2tNfGhLpQaE4iUoYcTzBvM',
    at: Date.UTC(2026, 10, 21, 6, 5),
    firstTriedAt: null,
    ...changes,
  }
}
