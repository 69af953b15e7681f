import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import { addTenant } from './_fixtures.ts'
import type { PasskeyRecord } from './passkey-rows.ts'

const alice = { tenantId: 'acme', uid: 'alice' }
const bob = { tenantId: 'acme', uid: 'bob' }
const elsewhere = { tenantId: 'beta', uid: 'alice' }
const passkey: PasskeyRecord = {
  ...alice,
  id: 'p1',
  name: 'Laptop',
  credentialId: 'c1',
  publicKey: 'k1',
  counter: 0,
  transports: ['internal', 'hybrid'],
  isSynced: true,
  createdAt: 1_000,
  lastUsedAt: null,
}
const challenge = { tenantId: 'acme', sessionId: 's1', purpose: 'give' as const, challenge: 'x1', expiresAt: 2_000 }
const { challenge: _text, expiresAt: _end, ...ofSession } = challenge

onEveryEngine((engine) => {
  it('a passkey is its person’s alone, and a credential is added once', async () => {
    await using database = await engine.open()
    const { secondFactors } = database.stores
    expect(await secondFactors.addPasskey(passkey)).toBe(true)
    expect(await secondFactors.addPasskey({ ...passkey, ...bob, id: 'p2' })).toBe(false)
    expect(await secondFactors.addPasskey({ ...passkey, ...elsewhere, id: 'p2' })).toBe(true)
    expect(await secondFactors.passkeys(alice)).toEqual([passkey])
    expect(await secondFactors.passkeys(bob)).toEqual([])
    for (const other of [bob, elsewhere]) {
      expect(await secondFactors.renamePasskey(other, 'p1', 'Mine')).toBe(false)
      expect(await secondFactors.usePasskey(other, 'p1', { counter: 1, now: 2_000 })).toBe(false)
      expect(await secondFactors.removePasskey(other, 'p1')).toBe(false)
    }
    expect(await secondFactors.renamePasskey(alice, 'p1', 'Phone')).toBe(true)
    expect(await secondFactors.removePasskey(alice, 'p1')).toBe(true)
    expect(await secondFactors.removePasskey(alice, 'p1')).toBe(false)
    expect(await secondFactors.usePasskey(alice, 'p1', { counter: 0, now: 2_000 })).toBe(false)
  })

  it('the counter of a passkey only goes on; of many uses at once with the same count one is taken', async () => {
    await using database = await engine.open()
    const { secondFactors } = database.stores
    await secondFactors.addPasskey(passkey)
    const use = (counter: number) => secondFactors.usePasskey(alice, 'p1', { counter, now: 2_000 })
    // One that does not count stays 0.
    expect([await use(0), await use(0)]).toEqual([true, true])
    const atOnce = await Promise.all(Array.from({ length: 10 }, () => use(7)))
    expect(atOnce.filter((taken) => taken)).toHaveLength(1)
    expect([await use(6), await use(7), await use(0), await use(8)]).toEqual([false, false, false, true])
  })

  it('a challenge is taken once, by its session, for its purpose, in its time', async () => {
    await using database = await engine.open()
    const { secondFactors } = database.stores
    await secondFactors.putChallenge({ ...challenge, challenge: 'x0' })
    await secondFactors.putChallenge(challenge)
    for (const other of [{ tenantId: 'beta' }, { sessionId: 's2' }, { purpose: 'add' as const }]) {
      expect(await secondFactors.takeChallenge({ ...ofSession, ...other }, 1_000)).toBeNull()
    }
    const taken = await Promise.all(Array.from({ length: 10 }, () => secondFactors.takeChallenge(ofSession, 1_999)))
    expect(taken.filter((text) => text !== null)).toEqual(['x1'])
    await secondFactors.putChallenge(challenge)
    expect(await secondFactors.takeChallenge(ofSession, 2_000)).toBeNull()
  })

  it('a step of an app is used once, and none before it after', async () => {
    await using database = await engine.open()
    const { secondFactors } = database.stores
    await secondFactors.beginAuthenticator(alice, 'sealed', 1_000)
    expect(await secondFactors.authenticator(alice)).toBeNull()
    expect(await secondFactors.pendingAuthenticator(alice, 1_001)).toBeNull()
    expect(await secondFactors.confirmAuthenticator(bob, 'sealed', { step: 5, now: 1_500 })).toBe(false)
    expect(await secondFactors.confirmAuthenticator(alice, 'other', { step: 5, now: 1_500 })).toBe(false)
    const confirm = () => secondFactors.confirmAuthenticator(alice, 'sealed', { step: 5, now: 1_500 })
    expect((await Promise.all([confirm(), confirm()])).toSorted()).toEqual([false, true])
    const use = (step: number, sealed = 'sealed') => secondFactors.useStep(alice, sealed, { step, now: 2_000 })
    expect([await use(5), await use(6, 'other')]).toEqual([false, false])
    const atOnce = await Promise.all(Array.from({ length: 10 }, () => use(7)))
    expect(atOnce.filter((used) => used)).toHaveLength(1)
    expect([await use(6), await use(7), await use(8)]).toEqual([false, false, true])
    expect(await secondFactors.authenticator(alice)).toEqual({ secret: 'sealed', createdAt: 1_500, lastUsedAt: 2_000 })
  })

  it('who has one, and who needs one, is said by person and tenant; the file goes before the console', async () => {
    await using database = await engine.open()
    await addTenant(database)
    await addTenant(database, 'beta')
    const { secondFactors } = database.stores
    await secondFactors.addPasskey(passkey)
    await secondFactors.beginAuthenticator(bob, 'sealed', 1_000)
    const nothing = { enrolled: false, demanded: false }
    expect(await secondFactors.standing(alice)).toEqual({ enrolled: true, demanded: false })
    expect(await secondFactors.standing(bob)).toEqual(nothing)
    expect(await secondFactors.standing(elsewhere)).toEqual(nothing)
    await secondFactors.confirmAuthenticator(bob, 'sealed', { step: 1, now: 1_000 })
    expect(await secondFactors.enrolledOf('acme', ['alice', 'bob', 'carol'])).toEqual(new Set(['alice', 'bob']))
    expect(await secondFactors.enrolledOf('beta', ['alice', 'bob'])).toEqual(new Set())

    await secondFactors.putRule('acme', true)
    expect(await secondFactors.standing(alice)).toEqual({ enrolled: true, demanded: true })
    expect((await secondFactors.standing(elsewhere)).demanded).toBe(false)
    await database.db.updateTable('tenants').set({ administrators_need_second_factor: 0 }).execute()
    expect(await secondFactors.rule('acme')).toEqual({ administratorsNeed: false, provisioned: true })
    expect((await secondFactors.standing(alice)).demanded).toBe(false)
  })

  it('forgets what was begun and never finished, and nothing that counts', async () => {
    await using database = await engine.open()
    const { secondFactors } = database.stores
    await secondFactors.putChallenge(challenge)
    await secondFactors.putChallenge({ ...challenge, sessionId: 's2', expiresAt: 9_000 })
    await secondFactors.beginAuthenticator(alice, 'sealed', 1_000)
    await secondFactors.beginAuthenticator(bob, 'sealed', 1_000)
    await secondFactors.confirmAuthenticator(bob, 'sealed', { step: 1, now: 1_000 })
    await secondFactors.beginAuthenticator(bob, 'another', 1_000)
    expect(await secondFactors.forgetExpired(2_000, 1_001)).toBe(2)
    expect(await secondFactors.authenticator(bob)).not.toBeNull()
    expect(await secondFactors.takeChallenge({ ...ofSession, sessionId: 's2' }, 2_000)).toBe('x1')
  })
})
