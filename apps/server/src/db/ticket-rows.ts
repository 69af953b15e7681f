import type { HistoryAction, Surface, TicketStatus, Via } from '@countersign/contracts'
import type { SubmissionKeys } from '#server/tickets/ports.ts'
import type { HistoryEntry, ReminderStep, Ticket, TicketContent, TicketNode } from '#server/tickets/ticket.ts'
import type { TicketHistoryTable, TicketTable } from './schema.ts'

/* Tickets as rows and back. What stands in our own tables was checked on its way in and is not checked again. */

/** The columns a saved change may touch, the content apart. */
export interface TicketState {
  status: string
  current_node: number
  reached_node: number
  version: number
  content_version: number
  nodes: string
  updated_at: number
  decided_at: number | null
}

/** The columns that only a changed content, cc, owners or callback address touches. */
export interface TicketSubject {
  title: string
  module: string
  submitter: string
  risk: string
  content_hash: string
  content: string
  cc: string
  owners: string
  callback_url: string | null
  search_text: string
}

export function stateOf(ticket: Ticket): TicketState {
  return {
    status: ticket.status,
    current_node: ticket.currentNode,
    reached_node: ticket.reachedNode,
    version: ticket.version,
    content_version: ticket.contentVersion,
    nodes: JSON.stringify(ticket.nodes),
    updated_at: ticket.updatedAt,
    decided_at: ticket.decidedAt,
  }
}

export function subjectOf(ticket: Ticket): TicketSubject {
  const { content } = ticket
  return {
    title: content.title,
    module: content.module,
    submitter: content.submitter,
    risk: content.risk,
    content_hash: ticket.contentHash,
    content: JSON.stringify(content),
    cc: JSON.stringify(ticket.cc),
    owners: JSON.stringify(ticket.owners),
    callback_url: ticket.callbackUrl,
    search_text: searchText(ticket),
  }
}

export function rowOf(ticket: Ticket, keys: SubmissionKeys): TicketTable {
  return {
    tenant_id: ticket.tenantId,
    id: ticket.id,
    number: ticket.number,
    external_id: keys.externalId,
    idempotency_key: keys.idempotencyKey,
    request_hash: keys.requestHash,
    api_key_name: ticket.apiKeyName,
    template: ticket.template,
    reminders: ticket.reminders.length === 0 ? null : JSON.stringify(ticket.reminders),
    surfaces: ticket.surfaces === null ? null : JSON.stringify(ticket.surfaces),
    reject_when_quorum_impossible: ticket.rejectWhenQuorumImpossible ? 1 : 0,
    created_at: ticket.createdAt,
    ...stateOf(ticket),
    ...subjectOf(ticket),
  }
}

export function ticketOf(row: TicketTable): Ticket {
  const content: TicketContent = JSON.parse(row.content)
  const nodes: TicketNode[] = JSON.parse(row.nodes)
  const cc: string[] = JSON.parse(row.cc)
  const owners: string[] = JSON.parse(row.owners)
  const reminders: ReminderStep[] = row.reminders === null ? [] : JSON.parse(row.reminders)
  const surfaces: Surface[] | null = row.surfaces === null ? null : JSON.parse(row.surfaces)
  return {
    tenantId: row.tenant_id,
    id: row.id,
    number: row.number,
    externalId: row.external_id,
    template: row.template,
    status: row.status as TicketStatus,
    currentNode: row.current_node,
    reachedNode: row.reached_node,
    version: row.version,
    contentVersion: row.content_version,
    contentHash: row.content_hash,
    content,
    nodes,
    cc,
    owners,
    reminders,
    surfaces,
    rejectWhenQuorumImpossible: row.reject_when_quorum_impossible === 1,
    callbackUrl: row.callback_url,
    apiKeyName: row.api_key_name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    decidedAt: row.decided_at,
  }
}

export function historyEntryOf(row: TicketHistoryTable): HistoryEntry {
  return {
    at: row.at,
    actor: row.actor,
    action: row.action as HistoryAction,
    via: row.via as Via,
    comment: row.comment,
    node: row.node,
    contentVersion: row.content_version,
    transfer: row.transfer === null ? null : JSON.parse(row.transfer),
  }
}

/** Lower case in every script, so that LIKE finds it on both engines alike; a line each, so that nothing joins up. */
function searchText(ticket: Ticket): string {
  const parts = [String(ticket.number), ticket.content.title, ticket.externalId ?? '', ticket.content.submitter]
  return parts.join('\n').toLowerCase()
}
