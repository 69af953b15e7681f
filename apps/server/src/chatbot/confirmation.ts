import { wordConsequence } from '#server/cards/consequence.ts'
import type { Confirmation } from '#server/db/chat-store.ts'
import type { Stores } from '#server/db/stores.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { ChatDeps, SaidBy } from './converse.ts'
import { example } from './help.ts'
import { nameLimit, oneLine, titleLimit } from './one-line.ts'

/** How long a confirming word is waited for. */
const confirmWithinMinutes = 10

/**
 * Says what would be decided and what would come of it, and keeps the question: the confirming word counts for this
 * person, channel, node and content only, once, and not for long.
 */
export async function askFirst(
  deps: ChatDeps,
  tx: Stores,
  { tenantId, channel, person, t, at }: SaidBy,
  ticket: Ticket,
  wanted: Pick<Confirmation, 'node' | 'contentHash' | 'action' | 'comment'>,
): Promise<string> {
  const request = { ticket, recipient: person.uid, event: 'pending', channel, takesActions: true } as const
  const card = await deps.composer.compose(tx, request)
  if (card === null) throw new Error(`${person.uid} is a person of this tenant and has no card`)
  const expiresAt = at + confirmWithinMinutes * 60_000
  await tx.chat.askConfirmation({ ...wanted, tenantId, uid: person.uid, channel, ticketId: ticket.id, expiresAt })
  const named = `#${ticket.number} ${oneLine(card.title, titleLimit)}`
  const facts = [t.text(`risk.${card.risk}`), t.module(card.module), oneLine(card.submitter, nameLimit)]
  const consequence =
    wanted.action === 'approve'
      ? wordConsequence(card, t, (step) => oneLine(step, nameLimit))
      : t.text('confirm.rejectText')
  return [
    t.text(`confirm.${wanted.action}`, { ticket: named }),
    facts.join(' · '),
    consequence,
    t.text('chatbot.open', { link: card.link }),
    '',
    t.text('chatbot.confirm', { example: example(t, 'confirm', ticket.number), minutes: confirmWithinMinutes }),
  ].join('\n')
}
