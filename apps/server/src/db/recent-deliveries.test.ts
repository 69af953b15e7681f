import { expect, it } from 'vitest'
import { seedTenant, submitTicket } from '#server/delivery/_world.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import type { ClaimedDelivery, DeliveryResult } from './stores.ts'

const t0 = Date.parse('2026-11-02T09:00:00Z')

/** Works on everything that is due, each as `outcome` says. */
async function work(database: TestDatabase, outcome: (delivery: ClaimedDelivery) => DeliveryResult): Promise<void> {
  const options = { limit: 100, leaseMs: 30_000, now: t0, perLane: 100, room: new Map<string, number>() }
  const claimed = await database.store.run((tx) => tx.notices.claim('one', options))
  for (const delivery of claimed) {
    await database.store.run((tx) => tx.notices.report('one', delivery, outcome(delivery), t0))
  }
}

onEveryEngine((engine) => {
  it('tells of the newest tickets, one channel and the last attempt alone', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      people: [{ uid: 'alice', channels: ['lark', 'feishu'] }, { uid: 'bob' }, { uid: 'carol', channels: ['lark'] }],
      enabled: ['lark', 'feishu'],
    })
    const nodes = [{ name: 'A', approvers: ['alice', 'carol'], rule: 'all' as const }]
    await submitTicket(database.store, t0, { nodes })
    const failed = (code: string): DeliveryResult => ({ kind: 'failed', code, text: 'no' })
    await work(database, ({ recipient }) =>
      recipient === 'carol'
        ? { kind: 'retry', dueAt: t0, code: '230020', text: 'slow', counted: true, firstTriedAt: null }
        : failed('230013'),
    )
    await work(database, () => failed('230053'))
    await submitTicket(database.store, t0, { nodes })
    const { notices } = database.stores
    expect((await notices.recent('acme', 'lark', 50)).sort((a, b) => (a.recipient < b.recipient ? -1 : 1))).toEqual([
      { recipient: 'alice', state: 'failed', isFailing: true, code: '230013', text: 'no', at: t0 },
      { recipient: 'carol', state: 'failed', isFailing: true, code: '230053', text: 'no', at: t0 },
    ])
    expect(await notices.recent('acme', 'lark', 1)).toEqual([])
    expect(await notices.recent('beta', 'lark', 50)).toEqual([])
  })
})
