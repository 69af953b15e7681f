import type { DecisionAction } from '@countersign/contracts'
import { wordOutcome } from '#server/cards/outcome.ts'
import { listLink, ticketLink } from '#server/cards/ticket-link.ts'
import type { Confirmation } from '#server/db/chat-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { type DecisionOutcome, decide } from '#server/tickets/lifecycle.ts'
import { isSurfaceAllowed, mayRead, refuseActor } from '#server/tickets/policy.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { Command } from './command.ts'
import { askFirst } from './confirmation.ts'
import type { Answer, ChatDeps, SaidBy } from './converse.ts'
import { example } from './help.ts'
import { nameLimit, oneLine, titleLimit } from './one-line.ts'

type DecisionCommand = Extract<Command, { ticket: number | null }>

/** What is to be decided, and of which content. */
type Wanted = Pick<Confirmation, 'node' | 'contentHash' | 'action' | 'comment'>

/** A decision by word: at once where the risk is low, after a confirming word where it is medium, never where it is high. */
export async function decideByWord(
  deps: ChatDeps,
  tx: Stores,
  said: SaidBy,
  command: DecisionCommand,
): Promise<Answer> {
  const { tenantId, channel, t, at } = said
  if (command.ticket === null) return refused(whichTicket(deps, said, command.name))
  const ticket = await tx.tickets.findByNumber(tenantId, command.ticket)
  if (ticket === null) return refused(t.text('refusal.not_visible'))
  if (command.name === 'confirm') {
    if (!mayRead(ticket, said.person)) return refused(t.text('refusal.not_visible'))
    const key = { tenantId, uid: said.person.uid, channel, ticketId: ticket.id }
    const asked = await tx.chat.takeConfirmation(key, at)
    if (asked === null) return refused(t.text('chatbot.nothingToConfirm', { ticket: `#${command.ticket}` }))
    return settle(deps, tx, said, ticket, asked)
  }
  const { contentHash, currentNode: node } = ticket
  const wanted = { node, contentHash, action: command.name, comment: command.comment }
  if (command.name === 'reject' && command.comment === null && refuseActor(ticket, said.person.uid) === null) {
    return refused(t.text('chatbot.giveReason', { example: example(t, 'reject', ticket.number, ' …') }))
  }
  if (!mustBeConfirmed(ticket, said)) return settle(deps, tx, said, ticket, wanted)
  return { text: await askFirst(deps, tx, said, ticket, wanted), outcome: 'asked' }
}

const refused = (text: string): Answer => ({ text, outcome: 'refused' })

function whichTicket(deps: ChatDeps, { tenantId, channel, t }: SaidBy, name: DecisionCommand['name']): string {
  const question = t.text('chatbot.whichTicket', { example: example(t, name, 1042, name === 'reject' ? ' …' : '') })
  return `${question}\n${t.text('chatbot.open', { link: listLink(deps.publicUrl, { tenant: tenantId, channel }) })}`
}

/**
 * A word names a number, not a content: where the content has changed since the ticket came, the risk is medium, or the
 * word may have been meant for somebody else, the person first reads what they are about to decide.
 */
function mustBeConfirmed(ticket: Ticket, { person, isCertain }: SaidBy): boolean {
  const canBeDecidedHere =
    refuseActor(ticket, person.uid) === null && isSurfaceAllowed(ticket, 'chatbot') && ticket.content.risk !== 'high'
  return canBeDecidedHere && (ticket.content.risk === 'medium' || ticket.contentVersion > 1 || !isCertain)
}

async function settle(deps: ChatDeps, tx: Stores, said: SaidBy, ticket: Ticket, wanted: Wanted): Promise<Answer> {
  const { tenantId, channel, person, t, at } = said
  const outcome = await decide(tx, {
    ...wanted,
    tenantId,
    ticketId: ticket.id,
    actor: person.uid,
    surface: 'chatbot',
    // High risk is not decided by a word, whatever a template says: so this is never the second confirmation.
    confirmed: false,
    via: `chatbot:${channel}`,
    tappedChannel: null,
    at,
  })
  if (!mayRead(ticket, person)) return refused(t.text('refusal.not_visible'))
  const headline = `#${ticket.number} ${oneLine(ticket.content.title, titleLimit)}`
  const text = `${headline}\n${await wordSettled(deps, tx, said, ticket, wanted.action, outcome)}`
  return { text, outcome: outcome.ok ? wanted.action : 'refused' }
}

async function wordSettled(
  deps: ChatDeps,
  tx: Stores,
  { tenantId, channel, t }: SaidBy,
  { id: ticketId }: Ticket,
  action: DecisionAction,
  outcome: DecisionOutcome,
): Promise<string> {
  const short = (name: string): string => oneLine(name, nameLimit)
  if (outcome.ok) return wordOutcome({ ok: true, action, status: outcome.ticket.status }, t, short)
  const { reason, by } = outcome.refusal
  const link = t.text('chatbot.open', { link: ticketLink(deps.publicUrl, { tenant: tenantId, channel, ticketId }) })
  if (reason === 'content_changed') return `${t.text('chatbot.contentChanged')}\n${link}`
  const name = by === null ? null : ((await tx.directory.user(tenantId, by.uid))?.name ?? by.uid)
  const status = outcome.ticket?.status ?? null
  const why = wordOutcome({ ok: false, reason, by: name, status }, t, short)
  const isDecidedThere = reason === 'surface_not_allowed' || reason === 'confirmation_required'
  if (!isDecidedThere) return why
  return [why, ...(outcome.ticket?.content.risk === 'high' ? [t.text('review.highRisk')] : []), link].join('\n')
}
