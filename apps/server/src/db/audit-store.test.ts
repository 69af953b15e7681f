import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import type { AuditEntry } from '#server/tickets/ports.ts'
import { onEveryEngine, type TestDatabase, testAuditKeys } from './_engines.ts'
import type { Database } from './schema.ts'

function entry(n: number, tenantId = 'acme'): AuditEntry {
  const target = `ticket:${n}`
  return {
    tenantId,
    at: 1_000 + n,
    actor: 'alice',
    action: 'ticket.approve',
    target,
    detail: { via: 'h5', node: 0, n },
  }
}

async function append(database: TestDatabase, count: number, tenantId = 'acme'): Promise<void> {
  for (let n = 1; n <= count; n += 1) await database.store.run((tx) => tx.audit.append(entry(n, tenantId)))
}

/** Whoever can write the table can also take its trigger away. */
async function tamper(database: TestDatabase, work: (db: Kysely<Database>) => Promise<unknown>): Promise<void> {
  const triggers =
    database.engine === 'sqlite'
      ? ['update', 'delete'].map((name) => `audit_refuses_${name}`)
      : ['audit_refuses_change on audit']
  for (const trigger of triggers) await sql`drop trigger ${sql.raw(trigger)}`.execute(database.db)
  await work(database.db)
}

onEveryEngine((engine) => {
  it('chains what is appended, each tenant for itself', async () => {
    await using database = await engine.open()
    expect(await database.stores.audit.head('acme')).toBeNull()
    await append(database, 3, 'acme')
    await append(database, 2, 'beta')
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 3 })
    expect(await database.stores.audit.verify('beta')).toEqual({ ok: true, entries: 2 })
    expect(await database.stores.audit.verify('nobody')).toEqual({ ok: true, entries: 0 })
    expect(await database.stores.audit.head('acme')).toMatchObject({ seq: 3 })
  })

  it('holds with many that append at once, one by one and several together', async () => {
    await using database = await engine.open()
    await Promise.all(
      Array.from({ length: 18 }, (_, n) =>
        database.store.run(async (tx) => {
          await tx.audit.append(entry(n))
          await tx.audit.append(entry(n, 'beta'))
          await tx.audit.append(entry(n))
        }),
      ),
    )
    await Promise.all(Array.from({ length: 10 }, (_, n) => database.stores.audit.append(entry(n))))
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 46 })
    expect(await database.stores.audit.verify('beta')).toEqual({ ok: true, entries: 18 })
  })

  it('leaves no gap where a unit of work failed', async () => {
    await using database = await engine.open()
    await Promise.allSettled(
      Array.from({ length: 15 }, (_, n) =>
        database.store.run(async (tx) => {
          await tx.audit.append(entry(n))
          if (n % 3 === 0) throw new Error('no')
        }),
      ),
    )
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 10 })
  })

  it('goes on with the chain after another instance has appended', async () => {
    await using database = await engine.open()
    const other = await database.openAgain()
    for (let n = 0; n < 6; n += 1) {
      await (n % 2 === 0 ? database.store : other).run((tx) => tx.audit.append(entry(n)))
    }
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 6 })
  })

  it('sees in a unit of work what that has appended', async () => {
    await using database = await engine.open()
    await database.store.run(async (tx) => {
      await tx.audit.append(entry(1))
      expect(await tx.audit.head('acme')).toMatchObject({ seq: 1 })
      expect(await tx.audit.verify('acme')).toEqual({ ok: true, entries: 1 })
    })
  })

  it.each([
    ['time', { at: 1 }],
    ['actor', { actor: 'mallory' }],
    ['action', { action: 'ticket.reject' }],
    ['target', { target: 'ticket:9' }],
    ['detail', { detail: '{}' }],
    ['mac', { mac: 'f'.repeat(64) }],
    ['mac, made short', { mac: '' }],
  ])('names the first entry whose %s was changed', async (_name, change) => {
    await using database = await engine.open()
    await append(database, 5)
    await tamper(database, (db) => db.updateTable('audit').set(change).where('seq', 'in', [3, 4]).execute())
    const reason = 'the entry was changed, or made without a key of this host'
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: false, badSeq: 3, reason })
  })

  it('names an entry that is missing, was put in, moved or taken from another tenant', async () => {
    await using database = await engine.open()
    await append(database, 5)
    await append(database, 5, 'beta')
    await tamper(database, (db) =>
      db.deleteFrom('audit').where('seq', '=', 2).where('tenant_id', '=', 'acme').execute(),
    )
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: false, badSeq: 2, reason: 'the entry is missing' })
    const stolen = await database.db
      .selectFrom('audit')
      .selectAll()
      .where('tenant_id', '=', 'beta')
      .where('seq', '=', 2)
      .executeTakeFirstOrThrow()
    await database.db
      .insertInto('audit')
      .values({ ...stolen, tenant_id: 'acme' })
      .execute()
    expect(await database.stores.audit.verify('acme')).toMatchObject({ ok: false, badSeq: 2 })
    expect(await database.stores.audit.verify('beta')).toEqual({ ok: true, entries: 5 })
  })

  it('notices against an anchor that the end was cut off, or written anew by somebody with the key', async () => {
    await using database = await engine.open()
    await append(database, 5)
    const anchor = (await database.stores.audit.head('acme')) ?? { seq: 0, mac: '' }
    await append(database, 2)
    expect(await database.stores.audit.verify('acme', anchor)).toEqual({ ok: true, entries: 7 })
    await tamper(database, (db) => db.deleteFrom('audit').where('seq', '>', 3).execute())
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 3 })
    const cut = { ok: false, badSeq: 4, reason: 'entries 4 to 5 were cut off' }
    expect(await database.stores.audit.verify('acme', anchor)).toEqual(cut)
    await database.store[Symbol.asyncDispose]()
    const again = await database.openAgain()
    for (const n of [40, 50, 60]) await again.run((tx) => tx.audit.append(entry(n)))
    const other = { ok: false, badSeq: 5, reason: 'the entry is not the one that was anchored' }
    expect(await again.stores.audit.verify('acme', anchor)).toEqual(other)
  })

  it('verifies what an earlier key signed, and nothing that no key of ours did', async () => {
    await using database = await engine.open()
    await append(database, 2)
    await database.store[Symbol.asyncDispose]()
    const newKey = { id: 'new', key: Buffer.alloc(32, 9) }
    const rotated = await database.openAgain({ auditKeys: [newKey, ...testAuditKeys] })
    await rotated.run((tx) => tx.audit.append(entry(3)))
    expect(await rotated.stores.audit.verify('acme')).toEqual({ ok: true, entries: 3 })
    const without = await database.openAgain({ auditKeys: [newKey] })
    expect(await without.stores.audit.verify('acme')).toMatchObject({ ok: false, badSeq: 1 })
  })

  it('refuses to change or delete an entry', async () => {
    await using database = await engine.open()
    await append(database, 2)
    const refused = 'the audit is append-only'
    await expect(database.db.updateTable('audit').set({ actor: 'x' }).execute()).rejects.toThrow(refused)
    await expect(database.db.deleteFrom('audit').execute()).rejects.toThrow(refused)
    if (engine.name === 'postgres') await expect(sql`truncate audit`.execute(database.db)).rejects.toThrow(refused)
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 2 })
  })

  it('verifies a chain longer than one read', async () => {
    await using database = await engine.open()
    await database.store.run(async (tx) => {
      for (let n = 0; n < 2_100; n += 1) await tx.audit.append(entry(n))
    })
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 2_100 })
  }, 30_000)
})
