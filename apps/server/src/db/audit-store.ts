import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { AuditEntry } from '#server/tickets/ports.ts'
import { atomically } from './atomically.ts'
import { auditInOrder, listAudit } from './audit-list.ts'
import { recordOf, rowOf } from './audit-record.ts'
import type { Engine } from './engine.ts'
import type { AuditTable, Database } from './schema.ts'
import { statement } from './statement.ts'
import type { AuditAnchor, AuditStore } from './stores.ts'

export interface AuditKey {
  id: string
  key: Buffer
}

/** The last entry of a tenant's chain. Before the first entry: seq 0 and a mac of zeros. */
export type AuditHead = AuditAnchor

/** Remembers chain heads where nobody else can append; must be emptied whenever a transaction is rolled back. */
export type AuditHeads = Map<string, AuditHead>

export interface AuditOptions {
  engine: Engine
  /** The first writes; all of them verify. */
  keys: readonly AuditKey[]
  /** Only for a connection that alone writes to the database. */
  heads?: AuditHeads
}

export interface AuditChain extends AuditStore {
  /** Appends in order; together they cost one look at the head. */
  appendAll(entries: readonly AuditEntry[]): Promise<void>
}

const noEntry: AuditHead = { seq: 0, mac: '0'.repeat(64) }
const verifyPageSize = 1_000

type Row = Omit<AuditTable, 'mac'>

/**
 * The audit: per tenant a chain in which each entry carries an HMAC over itself and the one before. Whoever can write the
 * table but has no key can neither change, insert, reorder nor (given an anchor) cut off entries unnoticed.
 */
export function createAuditStore(db: Kysely<Database>, options: AuditOptions): AuditChain {
  const [current] = options.keys
  if (current === undefined) throw new Error('the audit needs at least one key')
  const appendAll = (entries: readonly AuditEntry[]): Promise<void> =>
    atomically(db, async (tx) => {
      for (const [tenantId, group] of byTenant(entries)) {
        let head = options.heads?.get(tenantId) ?? (await lockHead(tx, options.engine, tenantId))
        for (const entry of group) head = await appendOne(tx, current.key, head, entry)
        options.heads?.set(tenantId, head)
      }
    })
  return {
    append: (entry) => appendAll([entry]),
    appendAll,
    async head(tenantId) {
      return (await selectHead(db, { tenantId })).rows[0] ?? null
    },
    verify: (tenantId, anchor) => verifyChain(db, options.keys, tenantId, anchor ?? null),
    async entriesAbout(tenantId, target) {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('target', '=', target)
        .orderBy('seq')
        .execute()
      return rows.map(recordOf)
    },
    list: (tenantId, filter, page) => listAudit(db, tenantId, filter, page),
    inOrder: (tenantId, filter, range) => auditInOrder(db, tenantId, filter, range),
    isSigned: (tenantId, record) => isSigned(options.keys, rowOf(tenantId, record)),
    async holds(tenantId, record) {
      const stored = await db
        .selectFrom('audit')
        .select('mac')
        .where('tenant_id', '=', tenantId)
        .where('seq', '=', record.seq)
        .executeTakeFirst()
      return stored?.mac === record.mac && isSigned(options.keys, rowOf(tenantId, record))
    },
  }
}

function byTenant(entries: readonly AuditEntry[]): Map<string, AuditEntry[]> {
  return Map.groupBy(entries, (entry) => entry.tenantId)
}

async function appendOne(db: Kysely<Database>, key: Buffer, head: AuditHead, entry: AuditEntry): Promise<AuditHead> {
  const row: Row = {
    tenant_id: entry.tenantId,
    seq: head.seq + 1,
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    detail: JSON.stringify(entry.detail),
    prev_mac: head.mac,
  }
  const mac = macOf(key, row).toString('hex')
  await insertEntry(db, { ...row, mac })
  return { seq: row.seq, mac }
}

/** A JSON list is canonical enough: fixed order, strings escaped in one way, the detail as the very text stored. */
function macOf(key: Buffer, row: Row): Buffer {
  const { tenant_id, seq, at, actor, action, target, detail, prev_mac } = row
  return createHmac('sha256', prepared(key))
    .update(prev_mac)
    .update(JSON.stringify([tenant_id, seq, at, actor, action, target, detail]))
    .digest()
}

/** Taking a key over costs more than the digest of one entry. */
const preparedKeys = new WeakMap<Buffer, KeyObject>()

function prepared(key: Buffer): KeyObject {
  const known = preparedKeys.get(key)
  if (known !== undefined) return known
  const fresh = createSecretKey(key)
  preparedKeys.set(key, fresh)
  return fresh
}

/**
 * PostgreSQL: appends of one tenant come one after the other, from here to the commit. The lock is a statement of its
 * own, since a statement does not see what was committed while it waited.
 */
async function lockHead(db: Kysely<Database>, engine: Engine, tenantId: string): Promise<AuditHead> {
  if (engine === 'postgres')
    await sql`select pg_advisory_xact_lock(hashtextextended(${`audit:${tenantId}`}, 0))`.execute(db)
  return (await selectHead(db, { tenantId })).rows[0] ?? noEntry
}

const selectHead = statement<{ tenantId: string }, AuditHead>((db, value) =>
  db
    .selectFrom('audit')
    .select(['seq', 'mac'])
    .where('tenant_id', '=', value('tenantId'))
    .orderBy('seq', 'desc')
    .limit(1),
)

const insertEntry = statement<AuditTable>((db, value) =>
  db.insertInto('audit').values({
    tenant_id: value('tenant_id'),
    seq: value('seq'),
    at: value('at'),
    actor: value('actor'),
    action: value('action'),
    target: value('target'),
    detail: value('detail'),
    prev_mac: value('prev_mac'),
    mac: value('mac'),
  }),
)

type Verdict = Awaited<ReturnType<AuditStore['verify']>>

async function verifyChain(
  db: Kysely<Database>,
  keys: readonly AuditKey[],
  tenantId: string,
  anchor: AuditAnchor | null,
): Promise<Verdict> {
  let head = noEntry
  for (;;) {
    const rows = await entriesAfter(db, tenantId, head.seq)
    for (const row of rows) {
      const reason = fault(keys, head, row, anchor)
      if (reason !== null) return { ok: false, badSeq: reason.seq, reason: reason.text }
      head = { seq: row.seq, mac: row.mac }
    }
    if (rows.length < verifyPageSize) break
    await nextTurn()
  }
  if (anchor !== null && anchor.seq > head.seq) {
    return { ok: false, badSeq: head.seq + 1, reason: `entries ${head.seq + 1} to ${anchor.seq} were cut off` }
  }
  return { ok: true, entries: head.seq }
}

function entriesAfter(db: Kysely<Database>, tenantId: string, seq: number): Promise<AuditTable[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(verifyPageSize)
    .execute()
}

function fault(
  keys: readonly AuditKey[],
  head: AuditHead,
  row: AuditTable,
  anchor: AuditAnchor | null,
): { seq: number; text: string } | null {
  const expected = head.seq + 1
  if (row.seq !== expected) return { seq: expected, text: 'the entry is missing' }
  if (row.prev_mac !== head.mac) return { seq: row.seq, text: 'the entry does not follow the one before it' }
  if (!isSigned(keys, row)) return { seq: row.seq, text: 'the entry was changed, or made without a key of this host' }
  const isOther = anchor !== null && anchor.seq === row.seq && anchor.mac !== row.mac
  return isOther ? { seq: row.seq, text: 'the entry is not the one that was anchored' } : null
}

function isSigned(keys: readonly AuditKey[], row: AuditTable): boolean {
  const given = Buffer.from(row.mac, 'hex')
  return keys.some(({ key }) => {
    const mac = macOf(key, row)
    return given.length === mac.length && timingSafeEqual(given, mac)
  })
}

/** Keeps what a unit of work appends until it ends, so that the tenant's chain is locked as briefly as can be. */
export function deferAppends(chain: AuditChain): { audit: AuditStore; flush(): Promise<void> } {
  let waiting: AuditEntry[] = []
  const flush = async (): Promise<void> => {
    const entries = waiting
    waiting = []
    if (entries.length > 0) await chain.appendAll(entries)
  }
  return {
    flush,
    audit: {
      async append(entry) {
        waiting.push(entry)
      },
      async head(tenantId) {
        await flush()
        return chain.head(tenantId)
      },
      async verify(tenantId, anchor) {
        await flush()
        return chain.verify(tenantId, anchor)
      },
      async entriesAbout(tenantId, target) {
        await flush()
        return chain.entriesAbout(tenantId, target)
      },
      async list(tenantId, filter, page) {
        await flush()
        return chain.list(tenantId, filter, page)
      },
      async inOrder(tenantId, filter, range) {
        await flush()
        return chain.inOrder(tenantId, filter, range)
      },
      isSigned: (tenantId, record) => chain.isSigned(tenantId, record),
      async holds(tenantId, record) {
        await flush()
        return chain.holds(tenantId, record)
      },
    },
  }
}
