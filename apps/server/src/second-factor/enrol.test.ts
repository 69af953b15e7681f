import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import { minuteMs, openDesk, stepMs, wrongCode } from './_desk.ts'
import { beginAuthenticator, beginPasskey, confirmAuthenticator, makeRecoveryCodes, pendingMs } from './enrol.ts'
import { giveAuthenticatorCode } from './give.ts'
import { createRelyingParty } from './relying-party.ts'
import { removeAuthenticator, resetFor } from './remove.ts'
import { secondFactorRule, setSecondFactorRule } from './rule.ts'
import { recentMs } from './standing.ts'
import { viewSecondFactor } from './view.ts'

const needed = { code: 'second_factor_needed', status: 403 }
const missing = { code: 'second_factor_missing', status: 409 }

onEveryEngine((engine) => {
  it('an app counts once a code made with it is given; that code is used, and recovery codes come with it', async () => {
    await using desk = await openDesk(engine)
    const bob = await desk.logIn('bob')
    expect(bob.secondFactor).toBe('none')
    const { secret, uri } = await beginAuthenticator(desk.deps, bob)
    expect(Secret.fromBase32(secret).bytes).toHaveLength(20)
    expect(uri).toMatch(/^otpauth:\/\/totp\/Countersign:bob%20\(acme\)\?issuer=Countersign&secret=/)
    expect((await desk.again(bob)).secondFactor).toBe('none')
    const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: desk.clock.now })
    const off = { code: 'second_factor_wrong' }
    await expect(confirmAuthenticator(desk.deps, bob, code === '000000' ? '000001' : '000000')).rejects.toMatchObject(
      off,
    )
    expect(await confirmAuthenticator(desk.deps, bob, code)).toHaveLength(10)
    expect((await desk.again(bob)).secondFactor).toBe('given')
    await expect(giveAuthenticatorCode(desk.deps, await desk.logIn('bob'), code)).rejects.toMatchObject(off)
    expect(await viewSecondFactor(desk.deps, await desk.again(bob))).toMatchObject({
      authenticator: { lastUsedAt: null },
      recoveryCodes: { left: 10, of: 10 },
      isFirst: false,
    })
    expect((await desk.audited()).map((entry) => entry.split(' ')[1])).toEqual([
      'user.second_factor_add',
      'user.recovery_codes',
      'session.second_factor_refused',
    ])
  })

  it('an app that nobody confirms in an hour is forgotten, and another takes the place of one only when confirmed', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const app = await desk.setUpApp(alice)
    const begun = await beginAuthenticator(desk.deps, await desk.again(alice))
    const other = () => TOTP.generate({ secret: Secret.fromBase32(begun.secret), timestamp: desk.clock.now })
    await giveAuthenticatorCode(desk.deps, alice, app.code())
    desk.clock.now += pendingMs + 1
    await giveAuthenticatorCode(desk.deps, alice, app.code())
    const gone = { code: 'not_found', status: 404 }
    await expect(confirmAuthenticator(desk.deps, await desk.again(alice), other())).rejects.toMatchObject(gone)

    const third = await beginAuthenticator(desk.deps, await desk.again(alice))
    const code = TOTP.generate({ secret: Secret.fromBase32(third.secret), timestamp: desk.clock.now })
    // The recovery codes that there are stay.
    expect(await confirmAuthenticator(desk.deps, await desk.again(alice), code)).toBeNull()
    desk.clock.now += stepMs
    await expect(giveAuthenticatorCode(desk.deps, alice, app.code())).rejects.toMatchObject({
      code: 'second_factor_wrong',
    })
  })

  it('whoever has one gives it within ten minutes before anything is added, removed or renewed', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const app = await desk.setUpApp(alice)
    const elsewhere = await desk.logIn('alice')
    const later = async () => {
      desk.clock.now += recentMs
      return desk.again(alice)
    }
    for (const visitor of [elsewhere, await later()]) {
      await expect(beginAuthenticator(desk.deps, visitor)).rejects.toMatchObject(needed)
      await expect(confirmAuthenticator(desk.deps, visitor, '000000')).rejects.toMatchObject(needed)
      await expect(beginPasskey(desk.deps, visitor)).rejects.toMatchObject(needed)
      await expect(makeRecoveryCodes(desk.deps, visitor)).rejects.toMatchObject(needed)
      await expect(removeAuthenticator(desk.deps, visitor)).rejects.toMatchObject(needed)
      await expect(resetFor(desk.deps, visitor, 'carol')).rejects.toMatchObject(needed)
      await expect(setSecondFactorRule(desk.deps, visitor, true)).rejects.toMatchObject(needed)
    }
    await giveAuthenticatorCode(desk.deps, alice, app.code())
    expect(await makeRecoveryCodes(desk.deps, await desk.again(alice))).toHaveLength(10)
  })

  it('without any there are no recovery codes, and with the last one they go, and all sessions have given none', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    await expect(makeRecoveryCodes(desk.deps, alice)).rejects.toMatchObject(missing)
    const app = await desk.setUpApp(alice)
    const elsewhere = await desk.logIn('alice')
    await giveAuthenticatorCode(desk.deps, elsewhere, app.code())
    await removeAuthenticator(desk.deps, await desk.again(alice))
    for (const visitor of [alice, elsewhere]) {
      expect(await desk.again(visitor)).toMatchObject({ secondFactor: 'none', session: { secondFactorAt: null } })
    }
    expect((await viewSecondFactor(desk.deps, await desk.again(alice))).recoveryCodes).toBeNull()
    expect((await desk.audited()).at(-1)).toBe(
      'alice user.second_factor_remove user:alice {"way":"authenticator","last":true}',
    )
  })

  it('an administrator takes it away from somebody, who is logged out everywhere; nobody of another organisation', async () => {
    await using desk = await openDesk(engine)
    const carol = await desk.logIn('carol')
    await desk.setUpApp(carol)
    // Somebody who has none cannot take away what protects the others.
    const bare = await desk.logIn('alice')
    await expect(resetFor(desk.deps, bare, 'carol')).rejects.toMatchObject(missing)
    await desk.setUpApp(bare)
    const alice = await desk.again(bare)
    await resetFor(desk.deps, alice, 'carol')
    await expect(desk.again(carol)).rejects.toThrow('has ended')
    expect((await desk.logIn('carol')).secondFactor).toBe('none')
    expect((await desk.audited()).at(-1)).toBe('alice user.second_factor_reset user:carol {}')
    // An app that is being set up is none yet.
    const anew = await desk.logIn('carol')
    await beginAuthenticator(desk.deps, anew)
    await expect(resetFor(desk.deps, alice, 'carol')).rejects.toMatchObject(missing)
    expect((await desk.again(anew)).secondFactor).toBe('none')
    await expect(resetFor(desk.deps, alice, 'nobody')).rejects.toMatchObject({ code: 'not_found' })

    await desk.setUpApp(await desk.logIn('carol'))
    await expect(resetFor(desk.deps, await desk.logIn('alice', 'beta'), 'carol')).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await desk.logIn('carol')).secondFactor).toBe('needed')
  })

  it('administrators who need one have a member’s rights without it; whoever asks it of them has one', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    await expect(setSecondFactorRule(desk.deps, alice, true)).rejects.toMatchObject(missing)
    await desk.setUpApp(alice)
    await setSecondFactorRule(desk.deps, await desk.again(alice), true)
    expect(await secondFactorRule(desk.database.stores, 'acme')).toEqual({
      administratorsNeed: true,
      provisioned: false,
      without: [{ uid: 'carol', name: 'carol' }],
    })
    const carol = await desk.logIn('carol')
    expect(carol).toMatchObject({ secondFactor: 'missing', user: { roles: ['user'] } })
    expect((await desk.logIn('bob')).secondFactor).toBe('none')
    expect((await desk.logIn('alice', 'beta')).secondFactor).toBe('none')
    // Setting one up gives the rights back, at once.
    await desk.setUpApp(carol)
    expect(await desk.again(carol)).toMatchObject({ secondFactor: 'given', user: { roles: ['dba', 'user'] } })
    await setSecondFactorRule(desk.deps, await desk.again(alice), false)
    expect((await desk.audited()).filter((entry) => entry.includes('tenant.second_factor'))).toEqual([
      'alice tenant.second_factor tenant:acme {"administratorsNeed":true}',
      'alice tenant.second_factor tenant:acme {"administratorsNeed":false}',
    ])
  })

  it('what the provisioning file says of it is changed there', async () => {
    await using desk = await openDesk(engine)
    await desk.database.db
      .updateTable('tenants')
      .set({ administrators_need_second_factor: 1 })
      .where('id', '=', 'acme')
      .execute()
    const alice = await desk.logIn('alice')
    expect(alice.secondFactor).toBe('missing')
    await desk.setUpApp(alice)
    const refused = { code: 'provisioned', status: 409 }
    await expect(setSecondFactorRule(desk.deps, await desk.again(alice), false)).rejects.toMatchObject(refused)
    expect(await secondFactorRule(desk.database.stores, 'acme')).toMatchObject({
      administratorsNeed: true,
      provisioned: true,
    })
  })

  it('is asked again of a session that was there before the first one was added', async () => {
    await using desk = await openDesk(engine)
    const before = await desk.logIn('alice')
    expect(before).toMatchObject({ secondFactor: 'none', user: { roles: ['admin', 'user'] } })
    const app = await desk.setUpApp(await desk.logIn('alice'))
    expect(await desk.again(before)).toMatchObject({ secondFactor: 'needed', user: { roles: ['user'] } })
    await giveAuthenticatorCode(desk.deps, before, app.code())
    desk.clock.now += 60 * minuteMs
    expect((await desk.again(before)).secondFactor).toBe('given')
    expect(wrongCode(app)).toHaveLength(6)
  })
})

describe('passkeys', () => {
  it.each([
    ['https://sign.acme.test', true],
    ['https://sign.acme.test:8443', true],
    ['http://localhost:8080', true],
    ['http://sign.acme.test', false],
    ['https://192.0.2.7', false],
    ['http://127.0.0.1:8080', false],
    ['https://[2001:db8::1]', false],
  ])('for %s: possible %s', (publicUrl, isPossible) => {
    expect(createRelyingParty(publicUrl).isPossible).toBe(isPossible)
  })
})
