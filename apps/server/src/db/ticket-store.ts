import { type Kysely, sql } from 'kysely'
import { TicketError } from '#server/tickets/errors.ts'
import type { SubmissionKeys } from '#server/tickets/ports.ts'
import type { HistoryEntry, Ticket } from '#server/tickets/ticket.ts'
import type { Engine } from './engine.ts'
import type { Database, TicketTable } from './schema.ts'
import { statement } from './statement.ts'
import type { TicketQueries } from './stores.ts'
import { createTicketLists } from './ticket-lists.ts'
import { enterLists, updateLists } from './ticket-people.ts'
import {
  historyEntryOf,
  rowOf,
  stateOf,
  subjectOf,
  type TicketState,
  type TicketSubject,
  ticketOf,
} from './ticket-rows.ts'

interface TicketKey {
  tenantId: string
  id: string
}

/** Tickets over one connection. `lock` and `save` belong inside a unit of work. */
export function createTicketStore(db: Kysely<Database>, engine: Engine): TicketQueries {
  return {
    ...createTicketLists(db),
    async nextNumber(tenantId) {
      const { rows } = await takeNumber(db, { tenantId })
      const taken = rows[0]?.taken
      if (taken === undefined) throw new Error(`there is no tenant ${tenantId}`)
      return taken
    },
    async insert(ticket, keys) {
      await insertTicket(db, ticket, keys)
      await enterLists(db, ticket)
    },
    async lock(tenantId, id) {
      // SQLite has one writer and no row locks.
      const select = engine === 'sqlite' ? selectTicket : selectTicketForUpdate
      return first((await select(db, { tenantId, id })).rows)
    },
    async find(tenantId, id) {
      return first((await selectTicket(db, { tenantId, id })).rows)
    },
    async findSubmission(tenantId, keys) {
      const row = await findSubmission(db, tenantId, keys)
      return row === undefined ? null : { ticket: ticketOf(row), requestHash: row.request_hash }
    },
    async save(before, after) {
      await saveTicket(db, before, after)
      await updateLists(db, before, after)
    },
    async appendHistory(tenantId, ticketId, entry) {
      const transfer = entry.transfer === null ? null : JSON.stringify(entry.transfer)
      await insertHistory(db, { tenantId, ticketId, ...entry, transfer })
    },
    async history(tenantId, ticketId) {
      return (await selectHistory(db, { tenantId, ticketId })).rows.map(historyEntryOf)
    },
  }
}

const takeNumber = statement<{ tenantId: string }, { taken: number }>((db, value) =>
  db
    .updateTable('tenants')
    .set((eb) => ({ next_ticket_number: eb('next_ticket_number', '+', 1) }))
    .where('id', '=', value('tenantId'))
    .returning((eb) => eb('next_ticket_number', '-', 1).as('taken')),
)

const insertRow = statement<TicketTable>((db, value) =>
  db.insertInto('tickets').values({
    tenant_id: value('tenant_id'),
    id: value('id'),
    number: value('number'),
    external_id: value('external_id'),
    idempotency_key: value('idempotency_key'),
    request_hash: value('request_hash'),
    api_key_name: value('api_key_name'),
    template: value('template'),
    surfaces: value('surfaces'),
    reject_when_quorum_impossible: value('reject_when_quorum_impossible'),
    created_at: value('created_at'),
    status: value('status'),
    current_node: value('current_node'),
    reached_node: value('reached_node'),
    version: value('version'),
    content_version: value('content_version'),
    nodes: value('nodes'),
    updated_at: value('updated_at'),
    decided_at: value('decided_at'),
    title: value('title'),
    module: value('module'),
    submitter: value('submitter'),
    risk: value('risk'),
    content_hash: value('content_hash'),
    content: value('content'),
    cc: value('cc'),
    owners: value('owners'),
    reminders: value('reminders'),
    callback_url: value('callback_url'),
    search_text: value('search_text'),
  }),
)

async function insertTicket(db: Kysely<Database>, ticket: Ticket, keys: SubmissionKeys): Promise<void> {
  await insertRow(db, rowOf(ticket, keys))
}

const selectTicket = statement<TicketKey, TicketTable>((db, value) =>
  db.selectFrom('tickets').selectAll().where('tenant_id', '=', value('tenantId')).where('id', '=', value('id')),
)

const selectTicketForUpdate = statement<TicketKey, TicketTable>((db, value) =>
  db
    .selectFrom('tickets')
    .selectAll()
    .where('tenant_id', '=', value('tenantId'))
    .where('id', '=', value('id'))
    .forUpdate(),
)

function first(rows: readonly TicketTable[]): Ticket | null {
  const [row] = rows
  return row === undefined ? null : ticketOf(row)
}

/** Two look-ups by their own unique index; the idempotency key, which is of this very request, comes first. */
async function findSubmission(
  db: Kysely<Database>,
  tenantId: string,
  { externalId, idempotencyKey }: SubmissionKeys,
): Promise<TicketTable | undefined> {
  const byKey =
    idempotencyKey === null ? undefined : (await selectByIdempotencyKey(db, { tenantId, idempotencyKey })).rows[0]
  if (byKey !== undefined || externalId === null) return byKey
  return (await selectByExternalId(db, { tenantId, externalId })).rows[0]
}

const selectByIdempotencyKey = statement<{ tenantId: string; idempotencyKey: string }, TicketTable>((db, value) =>
  db
    .selectFrom('tickets')
    .selectAll()
    .where('tenant_id', '=', value('tenantId'))
    .where('idempotency_key', '=', value('idempotencyKey')),
)

const selectByExternalId = statement<{ tenantId: string; externalId: string }, TicketTable>((db, value) =>
  db
    .selectFrom('tickets')
    .selectAll()
    .where('tenant_id', '=', value('tenantId'))
    .where('external_id', '=', value('externalId')),
)

interface Save extends TicketState {
  tenantId: string
  id: string
  versionBefore: number
}

const saveState = statement<Save>((db, value) =>
  db
    .updateTable('tickets')
    .set({
      status: value('status'),
      current_node: value('current_node'),
      reached_node: value('reached_node'),
      version: value('version'),
      content_version: value('content_version'),
      nodes: value('nodes'),
      updated_at: value('updated_at'),
      decided_at: value('decided_at'),
    })
    .where('tenant_id', '=', value('tenantId'))
    .where('id', '=', value('id'))
    .where('version', '=', value('versionBefore')),
)

async function saveTicket(db: Kysely<Database>, before: Ticket, after: Ticket): Promise<void> {
  const { tenantId, id } = after
  const isSameSubject =
    before.contentHash === after.contentHash &&
    before.callbackUrl === after.callbackUrl &&
    before.cc.join('\n') === after.cc.join('\n') &&
    before.owners.join('\n') === after.owners.join('\n')
  const saved = isSameSubject
    ? await saveState(db, { tenantId, id, versionBefore: before.version, ...stateOf(after) })
    : await saveAll(db, before.version, tenantId, id, { ...stateOf(after), ...subjectOf(after) })
  if (saved.numAffectedRows === 1n) return
  throw new TicketError('version_conflict', `the ticket is no longer at version ${before.version}`)
}

async function saveAll(
  db: Kysely<Database>,
  versionBefore: number,
  tenantId: string,
  id: string,
  columns: TicketState & TicketSubject,
): Promise<{ numAffectedRows: bigint }> {
  const { numUpdatedRows } = await db
    .updateTable('tickets')
    .set(columns)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('version', '=', versionBefore)
    .executeTakeFirstOrThrow()
  return { numAffectedRows: numUpdatedRows }
}

type HistoryValues = Omit<HistoryEntry, 'transfer'> & { tenantId: string; ticketId: string; transfer: string | null }

/** Numbers the entry within its ticket; whoever appends holds the ticket, so two never take the same number. */
const insertHistory = statement<HistoryValues>((db, value) =>
  db.insertInto('ticket_history').values({
    tenant_id: value('tenantId'),
    ticket_id: value('ticketId'),
    seq: sql<number>`(select coalesce(max(seq), 0) + 1 from ticket_history
      where tenant_id = ${value('tenantId')} and ticket_id = ${value('ticketId')})`,
    at: value('at'),
    actor: value('actor'),
    action: value('action'),
    via: value('via'),
    comment: value('comment'),
    node: value('node'),
    content_version: value('contentVersion'),
    transfer: value('transfer'),
  }),
)

const selectHistory = statement<{ tenantId: string; ticketId: string }, Database['ticket_history']>((db, value) =>
  db
    .selectFrom('ticket_history')
    .selectAll()
    .where('tenant_id', '=', value('tenantId'))
    .where('ticket_id', '=', value('ticketId'))
    .orderBy('seq'),
)
