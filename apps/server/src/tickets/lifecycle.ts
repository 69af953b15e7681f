import {
  type ChangeTicket,
  type ChannelName,
  type NoticeEvent,
  remindEveryMs,
  type SubmitTicket,
  type TenantId,
  type Uid,
  type Via,
} from '@countersign/contracts'
import { contentHash } from './content-hash.ts'
import { type FieldError, TicketError } from './errors.ts'
import { ladderOf } from './ladder.ts'
import { type DecisionRequest, type Refusal, refuseDecision } from './policy.ts'
import type { AuditEntry, Notice, SubmissionKeys, Transaction } from './ports.ts'
import { changedContent, planSubmission, submittedContent, unknownPeople } from './submission.ts'
import { type HistoryEntry, type Place, pendingApprovers, type Ticket, transition } from './ticket.ts'
import { planTransfer, type TransferPlan, type TransferWish } from './transfer.ts'
import { isTrial, refuseOnTrial } from './trial.ts'

/*
 * The life of a ticket: submit → announce → decide → announce → close. Every surface (card button, chatbot word, H5 tap,
 * API call) ends in one of these functions. Each runs inside the transaction it is given and makes no network call:
 * what people are to be told is queued with the change itself.
 */

export interface Submission {
  tenantId: TenantId
  input: SubmitTicket
  keys: SubmissionKeys
  apiKeyName: string | null
  via: Via
  newId: string
  at: number
}

/** A new ticket, or the one that the same external id or idempotency key made before. Throws TicketError. */
export async function submit(tx: Transaction, submission: Submission): Promise<{ ticket: Ticket; created: boolean }> {
  const { tenantId, input, keys, at } = submission
  const earlier = await tx.tickets.findSubmission(tenantId, keys)
  if (earlier !== null) {
    if (earlier.requestHash === keys.requestHash) return { ticket: earlier.ticket, created: false }
    const used = `ticket ${earlier.ticket.number} was submitted with the same key and another body`
    throw new TicketError('submission_conflict', used)
  }
  const { nodes, template, reminders } = await planSubmission(input, tenantId, tx.directory)
  const content = submittedContent(input, template)
  const ticket: Ticket = {
    tenantId,
    id: submission.newId,
    number: await tx.tickets.nextNumber(tenantId),
    externalId: input.externalId ?? null,
    template: template?.id ?? null,
    status: 'pending',
    currentNode: 0,
    reachedNode: 0,
    version: 1,
    contentVersion: 1,
    contentHash: contentHash(content),
    content,
    nodes,
    cc: [...new Set(input.cc)],
    owners: [...new Set(input.owners)],
    reminders,
    surfaces: template?.surfaces ?? null,
    rejectWhenQuorumImpossible: template?.rejectWhenQuorumImpossible ?? false,
    callbackUrl: input.callbackUrl ?? null,
    apiKeyName: submission.apiKeyName,
    createdAt: at,
    updatedAt: at,
    decidedAt: null,
  }
  await enter(tx, ticket, keys, submission.via)
  await announceCurrentNode(tx, ticket, at)
  return { ticket, created: true }
}

/**
 * Puts a trial ticket on its way, to its one approver and through one channel alone. It must have been made by
 * `trialTicket`, the one place where somebody is asked to decide on what they submitted themself.
 */
export async function submitTrial(tx: Transaction, ticket: Ticket, through: ChannelName): Promise<void> {
  const keys = { externalId: null, idempotencyKey: null, requestHash: ticket.contentHash }
  await enter(tx, ticket, keys, 'console')
  const { at, key } = { at: ticket.createdAt, key: `pending:${ticket.contentVersion}:${ticket.currentNode}` }
  await tx.notices.announce({ ...noticeOf(ticket, 'pending', key, pendingApprovers(ticket), at), through })
}

/** A new ticket is there, with its first line of history. */
async function enter(tx: Transaction, ticket: Ticket, keys: SubmissionKeys, via: Via): Promise<void> {
  await tx.tickets.insert(ticket, keys)
  const { createdAt: at, content } = ticket
  await record(tx, ticket, { at, actor: content.submitter, action: 'submit', via, comment: null, node: null })
}

export interface DecisionCommand extends DecisionRequest {
  tenantId: TenantId
  ticketId: string
  actor: Uid
  via: Via
  /** The channel whose card was tapped; its card is renewed by the answer itself. */
  tappedChannel: string | null
  at: number
}

/** `ticket` is `null` only where no such ticket exists. A refusal changes nothing but the audit. */
export type DecisionOutcome = { ok: true; ticket: Ticket } | { ok: false; refusal: Refusal; ticket: Ticket | null }

/** The one way a decision is taken. */
export async function decide(tx: Transaction, command: DecisionCommand): Promise<DecisionOutcome> {
  const { tenantId, ticketId, actor, action, via, at } = command
  const ticket = await tx.tickets.lock(tenantId, ticketId)
  if (ticket === null) return { ok: false, refusal: { reason: 'not_visible', by: null }, ticket: null }
  const refusal = refuseDecision(ticket, actor, command)
  if (refusal !== null) {
    await auditRefusal(tx, ticket, command, refusal)
    return { ok: false, refusal, ticket }
  }
  const comment = command.comment?.trim() || null
  const next = transition(ticket, { type: 'decide', actor, action, via, comment, at })
  await tx.tickets.save(ticket, next)
  await record(tx, next, { at, actor, action, via, comment, node: ticket.currentNode })
  await tx.notices.refreshCards(
    next,
    command.tappedChannel === null ? null : { uid: actor, channel: command.tappedChannel },
  )
  await announceProgress(tx, ticket, next, at)
  return { ok: true, ticket: next }
}

export interface Act {
  tenantId: TenantId
  ticketId: string
  actor: Uid
  via: Via
  at: number
}

/** Takes a pending ticket back. Who may was checked by the caller: the API key, or the submitter in person. */
export async function withdraw(tx: Transaction, act: Act & { comment: string | null }): Promise<Ticket> {
  const { actor, via, at, comment } = act
  const ticket = await lockPending(tx, act)
  const next = transition(ticket, { type: 'withdraw', actor, via, comment, at })
  await tx.tickets.save(ticket, next)
  await record(tx, next, { at, actor, action: 'withdraw', via, comment, node: ticket.currentNode })
  await tx.notices.refreshCards(next, null)
  await announceProgress(tx, ticket, next, at)
  return next
}

/** Closes a pending ticket that nobody has answered in time. Who looks at the time is the caller. */
export async function expire(tx: Transaction, act: Act): Promise<Ticket> {
  const { actor, via, at } = act
  const ticket = await lockPending(tx, act)
  const next = transition(ticket, { type: 'expire', at })
  await tx.tickets.save(ticket, next)
  await record(tx, next, { at, actor, action: 'expire', via, comment: null, node: ticket.currentNode })
  await tx.notices.refreshCards(next, null)
  await announceProgress(tx, ticket, next, at)
  return next
}

/** New content for a pending ticket: it goes back to its first node, and earlier approvals no longer count. No trial is changed. */
export async function change(tx: Transaction, act: Act & { change: ChangeTicket }): Promise<Ticket> {
  const { actor, via, at } = act
  const ticket = await lockPending(tx, act)
  refuseOnTrial(ticket)
  if (act.change.version !== undefined && act.change.version !== ticket.version) {
    throw new TicketError('version_conflict', `the ticket is at version ${ticket.version}, not ${act.change.version}`)
  }
  const content = changedContent(ticket.content, act.change)
  const hash = contentHash(content)
  const cc = act.change.cc ?? ticket.cc
  const owners = act.change.owners ?? ticket.owners
  const errors = await unknownInChange(tx, act.tenantId, act.change)
  if (errors.length > 0) throw new TicketError('invalid_ticket', 'the change is not acceptable', { errors })
  const callbackUrl = act.change.callbackUrl === undefined ? ticket.callbackUrl : act.change.callbackUrl
  const addressed = { ...ticket, cc: [...new Set(cc)], owners: [...new Set(owners)], callbackUrl }
  const isSameContent = hash === ticket.contentHash
  const next = isSameContent
    ? { ...addressed, version: ticket.version + 1, updatedAt: at }
    : transition(addressed, { type: 'change', actor, via, comment: null, at, content, contentHash: hash })
  await tx.tickets.save(ticket, next)
  await record(tx, next, { at, actor, action: 'change', via, comment: null, node: ticket.currentNode })
  if (isSameContent) return next
  await tx.notices.refreshCards(next, null, { isAskedAnew: true })
  await announceCurrentNode(tx, next, at)
  return next
}

/** Who stands there already may have left since; only who is named now must be there. */
async function unknownInChange(tx: Transaction, tenantId: TenantId, change: ChangeTicket): Promise<FieldError[]> {
  const named = [
    ...(change.cc ?? []).map((uid, index) => ({ path: `cc.${index}`, uid })),
    ...(change.owners ?? []).map((uid, index) => ({ path: `owners.${index}`, uid })),
  ]
  const uids = named.map(({ uid }) => uid)
  return unknownPeople(named, await tx.directory.users(tenantId, uids))
}

export async function comment(tx: Transaction, act: Act & { comment: string }): Promise<Ticket> {
  const ticket = await lockExisting(tx, act)
  const { at, actor, via } = act
  await record(tx, ticket, { at, actor, action: 'comment', via, comment: act.comment, node: ticket.currentNode })
  return ticket
}

export type TransferCommand = Act & TransferWish & { comment: string | null }

/**
 * Hands a person's places at the steps of a pending ticket on to others; see transfer.ts for what may go to whom. The
 * content stays what it was, and so do decisions. Who may ask for it was checked by the caller. Nothing happens, and
 * nothing is written, where no place can change hands: a second call finds none.
 */
export async function transfer(tx: Transaction, act: TransferCommand): Promise<TransferPlan & { ticket: Ticket }> {
  const { tenantId, actor, via, at, comment, from } = act
  const ticket = await lockExisting(tx, act)
  const [users, { allowsSelfApproval }] = await Promise.all([
    tx.directory.users(tenantId, [...new Set([...ticket.nodes.flatMap(({ approvers }) => approvers), ...act.to])]),
    tx.directory.submissionRules(tenantId),
  ])
  const isActive = (uid: Uid): boolean => users.get(uid)?.disabled === false
  const plan = planTransfer(ticket, act, { isActive, allowsSelfApproval })
  if (plan.places.length === 0) return { ...plan, ticket }
  const next = transition(ticket, { type: 'transfer', actor, via, comment, at, from, places: plan.places })
  await tx.tickets.save(ticket, next)
  for (const { node, successors: to } of plan.places) {
    await record(tx, next, { at, actor, action: 'transfer', via, comment, node }, { from, to })
  }
  await tx.notices.refreshCards(next, null)
  await announceNewcomers(tx, next, plan.places, at)
  return { ...plan, ticket: next }
}

/** Tells once more who has not decided. Throws `remind_too_soon` when everybody was reminded within the hour. */
export async function remind(tx: Transaction, act: Act): Promise<{ reminded: Uid[]; tooSoon: Uid[] }> {
  const { tenantId, ticketId, actor, via, at } = act
  const ticket = await lockPending(tx, act)
  refuseOnTrial(ticket)
  const last = await tx.notices.lastReminders(tenantId, ticketId)
  const waiting = pendingApprovers(ticket)
  const dueAt = (uid: Uid): number => (last.get(uid) ?? Number.NEGATIVE_INFINITY) + remindEveryMs
  const reminded = waiting.filter((uid) => dueAt(uid) <= at)
  const tooSoon = waiting.filter((uid) => dueAt(uid) > at)
  if (reminded.length === 0) {
    const retryAfterMs = Math.min(...tooSoon.map(dueAt)) - at
    throw new TicketError('remind_too_soon', 'everybody was reminded less than an hour ago', { retryAfterMs })
  }
  await record(tx, ticket, { at, actor, action: 'remind', via, comment: reminded.join(', '), node: ticket.currentNode })
  await tx.notices.announce(noticeOf(ticket, 'reminded', `reminded:${at}`, reminded, at))
  return { reminded, tooSoon }
}

async function announceCurrentNode(tx: Transaction, ticket: Ticket, at: number): Promise<void> {
  const key = `pending:${ticket.contentVersion}:${ticket.currentNode}`
  const asked = noticeOf(ticket, 'pending', key, pendingApprovers(ticket), at)
  await tx.notices.announce({ ...asked, onlookers: [ticket.content.submitter], ladder: ladderOf(ticket) })
}

/** Who comes in at the node that decides now is asked; the others have been. */
async function announceNewcomers(tx: Transaction, ticket: Ticket, places: readonly Place[], at: number): Promise<void> {
  const { contentVersion, currentNode, version } = ticket
  const newcomers = places.find(({ node }) => node === currentNode)?.newcomers ?? []
  if (newcomers.length === 0) return
  // A notice of its own: somebody who was asked here before, and is again, gets another card.
  const asked = noticeOf(ticket, 'pending', `pending:${contentVersion}:${currentNode}:${version}`, newcomers, at)
  const { submitter } = ticket.content
  await tx.notices.announce({ ...asked, onlookers: [submitter], ladder: ladderOf(ticket), onlyRecipients: true })
}

/** The next node's approvers are asked; once the ticket is closed its submitter and its source are told. */
async function announceProgress(tx: Transaction, before: Ticket, after: Ticket, at: number): Promise<void> {
  if (after.status === 'pending') {
    if (after.currentNode !== before.currentNode) await announceCurrentNode(tx, after, at)
    return
  }
  // Its card turns, and whoever tried it out looks at it: there is nothing else to tell.
  if (isTrial(after)) return
  const event: NoticeEvent = after.status
  await tx.notices.announce(noticeOf(after, event, event, [after.content.submitter], at))
  await tx.notices.callBack(after, event, at)
}

/** What people are to be told of a ticket. */
export function noticeOf(
  ticket: Ticket,
  event: NoticeEvent,
  key: string,
  recipients: readonly Uid[],
  at: number,
): Notice {
  const { tenantId, id: ticketId, content, cc: related, owners } = ticket
  const { module, dueAt } = content
  return { tenantId, ticketId, module, event, key, recipients, onlookers: [], related, owners, dueAt, ladder: [], at }
}

async function record(
  tx: Transaction,
  ticket: Ticket,
  entry: Omit<HistoryEntry, 'contentVersion' | 'transfer'>,
  transfer: HistoryEntry['transfer'] = null,
): Promise<void> {
  const { tenantId, id, contentVersion } = ticket
  await tx.tickets.appendHistory(tenantId, id, { ...entry, contentVersion, transfer })
  const audit: AuditEntry = {
    tenantId,
    at: entry.at,
    actor: entry.actor,
    action: `ticket.${entry.action}`,
    target: `ticket:${id}`,
    detail: {
      via: entry.via,
      node: entry.node,
      status: ticket.status,
      version: ticket.version,
      contentHash: ticket.contentHash,
      ...(transfer === null ? {} : { from: transfer.from, to: transfer.to.join(' ') }),
    },
  }
  await tx.audit.append(audit)
}

async function auditRefusal(
  tx: Transaction,
  ticket: Ticket,
  command: DecisionCommand,
  refusal: Refusal,
): Promise<void> {
  await tx.audit.append({
    tenantId: ticket.tenantId,
    at: command.at,
    actor: command.actor,
    action: 'ticket.refused',
    target: `ticket:${ticket.id}`,
    detail: { wanted: command.action, reason: refusal.reason, via: command.via, contentHash: command.contentHash },
  })
}

async function lockExisting(tx: Transaction, act: Act): Promise<Ticket> {
  const ticket = await tx.tickets.lock(act.tenantId, act.ticketId)
  if (ticket === null) throw new TicketError('ticket_not_found', 'there is no such ticket')
  return ticket
}

async function lockPending(tx: Transaction, act: Act): Promise<Ticket> {
  const ticket = await lockExisting(tx, act)
  if (ticket.status !== 'pending') throw new TicketError('ticket_closed', `the ticket is ${ticket.status}`)
  return ticket
}
