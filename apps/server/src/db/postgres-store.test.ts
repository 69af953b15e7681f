import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { onPostgres, type TestDatabase } from './_engines.ts'
import { addTenant, insertTicket, ticketOf } from './_fixtures.ts'
import { CommitOutcomeUnknown } from './postgres-store.ts'

const entry = (n: number) => ({ tenantId: 'acme', at: n, actor: 'a', action: 'a', target: 't', detail: { n } })

/** Ends every connection of the store's pool, as an administrator or a failover would. */
async function killBackends(database: TestDatabase, other: TestDatabase): Promise<void> {
  const name = new URL(database.databaseUrl ?? '').pathname.slice(1)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(other.db)
}

onPostgres((engine) => {
  it('reads whole numbers as numbers', async () => {
    await using database = await engine.open()
    const { rows } = await sql`select 1790000000123::bigint as ms, count(*) as n from tenants`.execute(database.db)
    expect(rows).toEqual([{ ms: 1_790_000_000_123, n: 0 }])
  })

  it('limits how long a statement, a lock and an idle transaction may take', async () => {
    await using database = await engine.open()
    const { rows } =
      await sql`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`.execute(database.db)
    expect(rows).toEqual([{ statement: '5s', lock: '2s', idle: '10s' }])
  })

  it('refuses a server on which a commit is not durable', async () => {
    await using database = await engine.open()
    const name = new URL(database.databaseUrl ?? '').pathname.slice(1)
    await sql`alter database ${sql.id(name)} set synchronous_commit = off`.execute(database.db)
    await expect(database.openAgain()).rejects.toThrow('synchronous_commit = off: not durable')
  })

  it('survives the loss of every connection, idle and at work', async () => {
    await using database = await engine.open()
    await using other = await engine.open()
    await addTenant(database)
    await Promise.all(Array.from({ length: 10 }, (_, n) => database.store.run((tx) => tx.audit.append(entry(n)))))
    await killBackends(database, other)
    let tries = 0
    await database.store.run(async (tx) => {
      tries += 1
      await tx.tickets.nextNumber('acme')
      if (tries === 1) await killBackends(database, other)
      await tx.audit.append(entry(10))
    })
    expect(tries).toBe(2)
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 11 })
    expect(await database.store.run((tx) => tx.tickets.nextNumber('acme'))).toBe(1_002)
  })

  it('keeps one decision and every audit entry while backends are killed at random', async () => {
    await using database = await engine.open()
    await using other = await engine.open()
    await addTenant(database)
    let isOver = false
    const killer = (async () => {
      for (let kills = 0; !isOver && kills < 10; kills += 1) {
        await killBackends(database, other)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => database.store.run((tx) => tx.audit.append(entry(n)))),
    )
    isOver = true
    await killer
    const rows = await database.db.selectFrom('audit').select('detail').execute()
    const stored = rows.map(({ detail }) => JSON.parse(detail).n)
    for (const [n, result] of results.entries()) {
      if (result.status === 'fulfilled') expect(stored.filter((each) => each === n)).toEqual([n])
      else expect(result.reason).toMatchObject({ code: 'unavailable' })
    }
    expect(new Set(stored).size).toBe(stored.length)
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: stored.length })
  }, 30_000)

  it('says so when the connection is lost in the middle of a commit, and does not do the work again', async () => {
    await using database = await engine.open()
    await sql`create function die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); return null; end $$`.execute(
      database.db,
    )
    await sql`create constraint trigger die_at_commit after insert on audit deferrable initially deferred
      for each row execute function die()`.execute(database.db)
    let tries = 0
    const lost = database.store.run(async (tx) => {
      tries += 1
      await tx.audit.append(entry(1))
    })
    await expect(lost).rejects.toBeInstanceOf(CommitOutcomeUnknown)
    expect(tries).toBe(1)
  })

  it('tells a commit that the server refused from one of unknown outcome', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const swallowed = database.store.run(async (tx) => {
      await tx.tickets.nextNumber('acme')
      await tx.sessions.revoke('s1', 'no number' as never).catch(() => undefined)
    })
    await expect(swallowed).rejects.toMatchObject({ name: 'AbortedTransactionError' })
    expect(await database.store.run((tx) => tx.tickets.nextNumber('acme'))).toBe(1_001)
  })

  it('does a unit of work anew after a deadlock', async () => {
    await using database = await engine.open()
    const one = await insertTicket(database, ticketOf({ number: 1 }))
    const two = await insertTicket(database, ticketOf({ number: 2 }))
    const both = Promise.withResolvers<void>()
    let holding = 0
    let tries = 0
    const lockBoth = (ids: string[]) =>
      database.store.run(async (tx) => {
        tries += 1
        await tx.tickets.lock('acme', ids[0] ?? '')
        holding += 1
        if (holding === 2) both.resolve()
        await both.promise
        await tx.tickets.lock('acme', ids[1] ?? '')
      })
    await Promise.all([lockBoth([one.id, two.id]), lockBoth([two.id, one.id])])
    // Two works and one more try; on a busy machine the second may be caught as well.
    expect(tries).toBeGreaterThanOrEqual(3)
  }, 15_000)

  it('says that the database cannot do this now when a lock is not to be had', async () => {
    await using database = await engine.open()
    const ticket = await insertTicket(database, ticketOf({ number: 1 }))
    const held = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const holder = database.store.run(async (tx) => {
      await tx.tickets.lock('acme', ticket.id)
      held.resolve()
      await release.promise
    })
    await held.promise
    const blocked = database.store.run((tx) => tx.tickets.lock('acme', ticket.id))
    await expect(blocked).rejects.toMatchObject({ code: 'unavailable', status: 503 })
    release.resolve()
    await holder
  }, 15_000)

  it('answers more units of work at once than it has connections', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const numbers = await Promise.all(
      Array.from({ length: 200 }, () => database.store.run((tx) => tx.tickets.nextNumber('acme'))),
    )
    expect(new Set(numbers).size).toBe(200)
  }, 15_000)
})
