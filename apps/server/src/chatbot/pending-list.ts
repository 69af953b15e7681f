import { listLink } from '#server/cards/ticket-link.ts'
import type { Stores } from '#server/db/stores.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { ChatDeps, SaidBy } from './converse.ts'
import { example } from './help.ts'
import { nameLimit, oneLine, titleLimit } from './one-line.ts'

/** More would be scrolled past; the H5 app has them all. */
const listed = 10

/** What waits for this person's decision, newest first, and how to go on. */
export async function listPending(
  deps: ChatDeps,
  tx: Stores,
  { tenantId, channel, person, t }: SaidBy,
): Promise<string> {
  const { items } = await tx.tickets.listForPerson(tenantId, person.uid, 'pending', { limit: listed })
  const [first] = items
  if (first === undefined) return t.text('chatbot.nothingPending')
  const { pending: count } = await tx.tickets.counts(tenantId, person.uid)
  const submitters = await tx.directory.users(tenantId, [...new Set(items.map(({ content }) => content.submitter))])
  const line = ({ number, content: { title, risk, submitter } }: Ticket): string => {
    const name = oneLine(submitters.get(submitter)?.name ?? submitter, nameLimit)
    return `#${number} ${oneLine(title, titleLimit)} · ${t.text(`risk.${risk}`)} · ${name}`
  }
  const rest = count - items.length
  return [
    t.text('chatbot.pending', { count }),
    ...items.map(line),
    ...(rest > 0 ? [t.text('chatbot.more', { count: rest })] : []),
    '',
    t.text('chatbot.forExample', { example: example(t, 'approve', first.number) }),
    t.text('chatbot.open', { link: listLink(deps.publicUrl, { tenant: tenantId, channel }) }),
  ].join('\n')
}
