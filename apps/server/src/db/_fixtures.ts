import { v7 as uuid } from 'uuid'
import { contentHash } from '#server/tickets/content-hash.ts'
import type { SubmissionKeys } from '#server/tickets/ports.ts'
import type { Ticket, TicketContent } from '#server/tickets/ticket.ts'
import type { TestDatabase } from './_engines.ts'

/* Tenants, people and tickets for tests of the database. */

export async function addTenant(database: TestDatabase, id = 'acme'): Promise<void> {
  await database.db
    .insertInto('tenants')
    .values({ id, name: id, locale: null, time_zone: null, allow_self_approval: 0, updated_at: 0 })
    .execute()
}

export async function addPeople(database: TestDatabase, uids: readonly string[], tenantId = 'acme'): Promise<void> {
  const person = { tenant_id: tenantId, roles: '["user"]', disabled: 0, provisioned: 0, updated_at: 0 } as const
  await database.db
    .insertInto('users')
    .values(uids.map((uid) => ({ ...person, uid, name: uid })))
    .execute()
}

export const content: TicketContent = {
  module: 'data_export',
  title: 'Export orders',
  description: 'for the audit',
  submitter: 'bob',
  risk: 'low',
  fields: [{ label: 'Database', value: 'orders@prod' }],
  code: [{ language: 'sql', title: '', text: 'select 1' }],
  attachments: [],
  url: null,
  dueAt: null,
  executesOnApproval: false,
}

export const noKeys: SubmissionKeys = { externalId: null, idempotencyKey: null, requestHash: 'hash' }

export function ticketOf(changes: Partial<Ticket> & { number: number }): Ticket {
  const said = changes.content ?? content
  return {
    tenantId: 'acme',
    id: uuid(),
    externalId: null,
    template: null,
    status: 'pending',
    currentNode: 0,
    reachedNode: 0,
    version: 1,
    contentVersion: 1,
    contentHash: contentHash(said),
    content: said,
    nodes: [{ name: 'DBA', rule: 'any', approvers: ['alice', 'carol'], decisions: [] }],
    cc: [],
    owners: [],
    reminders: [],
    surfaces: null,
    rejectWhenQuorumImpossible: false,
    callbackUrl: null,
    apiKeyName: null,
    createdAt: 1_000,
    updatedAt: 1_000,
    decidedAt: null,
    ...changes,
  }
}

/** Stores a ticket with its own keys, as submission does. */
export async function insertTicket(database: TestDatabase, ticket: Ticket): Promise<Ticket> {
  await database.store.run((tx) => tx.tickets.insert(ticket, { ...noKeys, externalId: ticket.externalId }))
  return ticket
}
