import { cardModel } from '#server/channels/_card-model.ts'
import type { CardModel } from '#server/channels/channel.ts'
import type { Letter, MessageContent } from '#server/channels/messenger.ts'

/** A notice of a ticket that waits for Alice, as the courier gives it; change what the test is about. */
export function letterOf(changes: Partial<Letter> = {}, card: Partial<CardModel> = {}): Letter {
  const ticket = cardModel({ decision: 'review', ...card })
  const content: MessageContent = {
    kind: 'notice',
    item: { event: 'pending', ticket },
    submitter: { uid: 'bob', name: ticket.submitter },
    audience: { intended: [], reached: [] },
  }
  return {
    to: { uid: 'alice', name: 'Alice Lim' },
    address: { email: 'alice@acme.test' },
    isOperators: true,
    locale: ticket.locale,
    timeZone: ticket.timeZone,
    words: {
      title: `#${ticket.number} ${ticket.title}: your decision is needed`,
      body: 'Submitted by: Bob Tan<br>\nDatabase: orders@prod',
    },
    content,
    idempotencyKey: 'q0S8cVd5m1kZb3uJ7yXwR2tNfGhLpQaE4iUoYcTzBvM',
    at: Date.UTC(2026, 10, 21, 6, 5),
    firstTriedAt: null,
    ...changes,
  }
}
