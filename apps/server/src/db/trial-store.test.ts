import { describe, expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import { addPeople, addTenant, insertTicket, ticketOf } from './_fixtures.ts'
import type { SeenDiagnosis } from './diagnosis-store.ts'
import type { TrialRecord } from './trial-store.ts'

onEveryEngine((engine) => {
  describe('trials', () => {
    it('are found by person and channel, newest first', async () => {
      await using database = await engine.open()
      const { trials } = database.stores
      const trial: TrialRecord = {
        ...{ tenantId: 'acme', ticketId: 'a', channel: 'lark', uid: 'alice' },
        ...{ askedAt: 1_000, expiresAt: 2_000 },
      }
      const newer = { ...trial, ticketId: 'b', askedAt: 3_000, expiresAt: 4_000 }
      const others = [{ uid: 'bob' }, { channel: 'feishu' as const }, { tenantId: 'beta' }]
      for (const each of [trial, newer, ...others.map((other, n) => ({ ...trial, ticketId: `o${n}`, ...other }))])
        await trials.add(each)
      expect(await trials.recent('acme', 'alice', 'lark', 5)).toEqual([newer, trial])
      expect(await trials.last('acme', 'alice', 'lark')).toEqual(newer)
      expect(await trials.last('acme', 'carol', 'lark')).toBeNull()
    })

    it('are overdue when their time is over and their ticket still waits', async () => {
      await using database = await engine.open()
      await addTenant(database)
      await addPeople(database, ['alice', 'bob', 'carol'])
      const add = async (number: number, expiresAt: number, status: 'pending' | 'approved') => {
        const { id: ticketId } = await insertTicket(database, ticketOf({ number, status }))
        const whose = { tenantId: 'acme', ticketId, channel: 'lark' as const, uid: 'alice' }
        await database.stores.trials.add({ ...whose, askedAt: 0, expiresAt })
        return ticketId
      }
      const over = await add(1_001, 1_000, 'pending')
      await add(1_002, 1_000, 'approved')
      await add(1_003, 1_001, 'pending')
      const found = await database.stores.trials.overdue(1_000, 10)
      expect(found.map(({ ticketId }) => ticketId)).toEqual([over])
    })
  })

  it('the last diagnosis of a channel is kept, without evidence, and never goes back', async () => {
    await using database = await engine.open()
    const { diagnoses } = database.stores
    const first: SeenDiagnosis = {
      ...{ tenantId: 'acme', channel: 'lark', at: 2_000, settingsAt: 1_000 },
      findings: [{ id: 'credentials', status: 'failed', optional: false }],
    }
    const mended: SeenDiagnosis = {
      ...first,
      at: 3_000,
      findings: [{ id: 'credentials', status: 'ok', optional: false }],
    }
    await diagnoses.put(mended)
    await diagnoses.put(first)
    await diagnoses.put({ ...first, tenantId: 'beta' })
    expect(await diagnoses.of('acme')).toEqual([mended])
  })
})
