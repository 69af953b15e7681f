import { type TenantId, trialModule, type Uid } from '@countersign/contracts'
import { contentHash } from './content-hash.ts'
import { TicketError } from './errors.ts'
import type { Ticket, TicketContent } from './ticket.ts'

/*
 * A trial ticket shows somebody who sets a channel up that a card comes and that their tap comes back. On a new host there
 * is nobody else, so the same person submits and decides: the one exception from the ban on self-approval, and no way for
 * an ordinary ticket to be one. Its module is refused wherever a module can be given, its content is made here and cannot
 * be changed, it executes nothing, calls nobody back, and is decided on its card alone.
 */

/** Unanswered, it expires after this. */
export const trialLastsMs = 15 * 60 * 1_000

export interface Trial {
  tenantId: TenantId
  id: string
  number: number
  /** To whom it goes, and from whom it comes. */
  uid: Uid
  /** In the language of that person. */
  words: { title: string; description: string; step: string }
  at: number
}

/** As it stands right after submission. */
export function trialTicket({ tenantId, id, number, uid, words, at }: Trial): Ticket {
  const content: TicketContent = {
    module: trialModule,
    title: words.title,
    description: words.description,
    submitter: uid,
    risk: 'low',
    fields: [],
    code: [],
    attachments: [],
    url: null,
    dueAt: at + trialLastsMs,
    executesOnApproval: false,
  }
  return {
    tenantId,
    id,
    number,
    externalId: null,
    template: null,
    status: 'pending',
    currentNode: 0,
    reachedNode: 0,
    version: 1,
    contentVersion: 1,
    contentHash: contentHash(content),
    content,
    nodes: [{ name: words.step, rule: 'any', approvers: [uid], decisions: [] }],
    cc: [],
    owners: [],
    reminders: [],
    // Any other way would prove nothing about taps.
    surfaces: ['card'],
    rejectWhenQuorumImpossible: false,
    callbackUrl: null,
    apiKeyName: null,
    createdAt: at,
    updatedAt: at,
    decidedAt: null,
  }
}

export function isTrial({ content }: Pick<Ticket, 'content'>): boolean {
  return content.module === trialModule
}

/** A trial stays what it was, and is sent once: whoever wants another begins another. Throws `trial_ticket`. */
export function refuseOnTrial(ticket: Ticket): void {
  if (isTrial(ticket))
    throw new TicketError('trial_ticket', 'this is a trial ticket; it can only be answered or withdrawn')
}
