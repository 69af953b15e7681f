import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import { minuteMs, openDesk, stepMs, wrongCode } from './_desk.ts'
import { makeRecoveryCodes } from './enrol.ts'
import { giveAuthenticatorCode, giveRecoveryCode } from './give.ts'
import { removeAuthenticator } from './remove.ts'

const wrong = { code: 'second_factor_wrong', status: 422 }
const throttled = { code: 'too_many_requests', status: 429 }

/** What became of each, counted. */
async function outcomes(attempts: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const settled of await Promise.allSettled(attempts)) {
    const kind = settled.status === 'fulfilled' ? 'right' : String(settled.reason.code)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

onEveryEngine((engine) => {
  it('a code of the app gives a session its rights, once', async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    const elsewhere = await desk.logIn('alice')
    expect(elsewhere).toMatchObject({ secondFactor: 'needed', user: { roles: ['user'] } })
    await giveAuthenticatorCode(desk.deps, elsewhere, app.code())
    expect(await desk.again(elsewhere)).toMatchObject({ secondFactor: 'given', user: { roles: ['admin', 'user'] } })

    const third = await desk.logIn('alice')
    await expect(giveAuthenticatorCode(desk.deps, third, app.code())).rejects.toMatchObject(wrong)
    // A later one was accepted: the code before it is of no more use, though its time is not quite over.
    await expect(giveAuthenticatorCode(desk.deps, third, app.code(-1))).rejects.toMatchObject(wrong)
    expect((await desk.again(third)).secondFactor).toBe('needed')
    const entries = (await desk.audited()).filter((entry) => entry.includes('session.second_factor'))
    expect(entries.map((entry) => entry.split(' ').slice(0, 3).join(' '))).toEqual([
      'alice session.second_factor user:alice',
      'alice session.second_factor_refused user:alice',
      'alice session.second_factor_refused user:alice',
    ])
    expect(entries[1]).toContain(third.session.id)
  })

  it('a code is good one step early and late, and no further', async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    desk.clock.now += 10 * stepMs
    const session = await desk.logIn('alice')
    for (const steps of [-2, 2]) {
      await expect(giveAuthenticatorCode(desk.deps, session, app.code(steps))).rejects.toMatchObject(wrong)
    }
    for (const steps of [-1, 0, 1]) await giveAuthenticatorCode(desk.deps, session, app.code(steps))
  })

  it('of twenty who give the same code at once, on two instances, one is let in', async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    const sessions = await Promise.all(Array.from({ length: 20 }, () => desk.logIn('alice')))
    const instances = [desk.deps, await desk.other()]
    const code = app.code()
    const given = sessions.map((session, index) =>
      giveAuthenticatorCode(instances[index % 2] ?? desk.deps, session, code),
    )
    expect((await outcomes(given)).right).toBe(1)
  })

  it('of 1,000 guesses at once, on two instances, five are compared', { timeout: 120_000 }, async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    const session = await desk.logIn('alice')
    const instances = [desk.deps, await desk.other()]
    const guess = wrongCode(app)
    const counts: Record<string, number> = {}
    // As many at once as an instance has room for.
    for (let from = 0; from < 1_000; from += 200) {
      const guesses = Array.from({ length: 200 }, (_, index) => {
        const deps = instances[index % 2] ?? desk.deps
        const isRecovery = index % 3 === 0
        return isRecovery
          ? giveRecoveryCode(deps, session, 'AAAA-AAAA-AAAA-AAAA')
          : giveAuthenticatorCode(deps, session, guess)
      })
      for (const [kind, count] of Object.entries(await outcomes(guesses))) counts[kind] = (counts[kind] ?? 0) + count
    }
    // On a busy machine the database may have no room for one or the other: refused all the same, and not compared.
    const { second_factor_wrong: compared, ...others } = counts
    expect(compared).toBe(5)
    expect(Object.keys(others).filter((kind) => kind !== 'unavailable')).toEqual(['too_many_requests'])
    const refused = (await desk.audited()).filter((entry) => entry.includes('session.second_factor_refused'))
    expect(refused).toHaveLength(5)

    // The right ones are not looked at any more either, until a quarter of an hour has passed.
    await expect(giveAuthenticatorCode(desk.deps, session, app.code())).rejects.toMatchObject(throttled)
    const [recovery = ''] = app.recoveryCodes
    await expect(giveRecoveryCode(desk.deps, session, recovery)).rejects.toMatchObject(throttled)
    // Nobody else is kept out.
    const carols = await desk.setUpApp(await desk.logIn('carol'))
    await giveAuthenticatorCode(desk.deps, await desk.logIn('carol'), carols.code())
    desk.clock.now += 15 * minuteMs
    await giveAuthenticatorCode(desk.deps, session, app.code())
  })

  it('of guesses spread over a day thirty are compared, and a right code forgets those before', async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    const session = await desk.logIn('alice')
    const fail = () => expect(giveAuthenticatorCode(desk.deps, session, wrongCode(app))).rejects.toMatchObject(wrong)
    for (let n = 0; n < 4; n += 1) await fail()
    await giveAuthenticatorCode(desk.deps, session, app.code())
    for (let quarter = 0; quarter < 6; quarter += 1) {
      desk.clock.now += 15 * minuteMs
      for (let n = 0; n < 5; n += 1) await fail()
    }
    desk.clock.now += 15 * minuteMs
    await expect(giveAuthenticatorCode(desk.deps, session, app.code())).rejects.toMatchObject(throttled)
    desk.clock.now += 24 * 60 * minuteMs
    await giveAuthenticatorCode(desk.deps, session, app.code())
  })

  it('a code of somebody else, of the same person elsewhere, or of an app that is gone lets nobody in', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const apps = {
      own: await desk.setUpApp(alice),
      carols: await desk.setUpApp(await desk.logIn('carol')),
      elsewhere: await desk.setUpApp(await desk.logIn('alice', 'beta')),
    }
    const session = await desk.logIn('alice')
    for (const app of [apps.carols, apps.elsewhere]) {
      await expect(giveAuthenticatorCode(desk.deps, session, app.code())).rejects.toMatchObject(wrong)
      const [recovery = ''] = app.recoveryCodes
      await expect(giveRecoveryCode(desk.deps, session, recovery)).rejects.toMatchObject(wrong)
    }
    await removeAuthenticator(desk.deps, await desk.again(alice))
    await expect(giveAuthenticatorCode(desk.deps, session, apps.own.code())).rejects.toMatchObject(wrong)
  })

  it('a session that has ended is given nothing, and the code is not used up by it', async () => {
    await using desk = await openDesk(engine)
    const app = await desk.setUpApp(await desk.logIn('alice'))
    const session = await desk.logIn('alice')
    await desk.database.stores.sessions.revoke(session.session.id, desk.clock.now)
    const lost = { code: 'no_session', status: 401 }
    await expect(giveAuthenticatorCode(desk.deps, session, app.code())).rejects.toMatchObject(lost)
    await giveAuthenticatorCode(desk.deps, await desk.logIn('alice'), app.code())
  })

  it('a recovery code works once, however it is typed, and not after new ones were made', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const { recoveryCodes } = await desk.setUpApp(alice)
    expect(new Set(recoveryCodes).size).toBe(10)
    const [first = '', second = '', third = ''] = recoveryCodes
    expect(first).toMatch(/^([2-9A-HJKMNP-TV-Z]{4}-){3}[2-9A-HJKMNP-TV-Z]{4}$/)
    const session = await desk.logIn('alice')
    expect(await giveRecoveryCode(desk.deps, session, first.toLowerCase().replaceAll('-', ' '))).toBe(9)
    expect((await desk.again(session)).secondFactor).toBe('given')
    await expect(giveRecoveryCode(desk.deps, session, first)).rejects.toMatchObject(wrong)
    const atOnce = [1, 2, 3].map(() => giveRecoveryCode(desk.deps, session, second))
    expect(await outcomes(atOnce)).toEqual({ right: 1, second_factor_wrong: 2 })

    const renewed = await makeRecoveryCodes(desk.deps, await desk.again(alice))
    await expect(giveRecoveryCode(desk.deps, session, third)).rejects.toMatchObject(wrong)
    expect(await giveRecoveryCode(desk.deps, session, renewed[0] ?? '')).toBe(9)
  })

  it('nothing of it can be read from the database', async () => {
    await using desk = await openDesk(engine)
    const { recoveryCodes } = await desk.setUpApp(await desk.logIn('alice'))
    const { db } = desk.database
    const apps = await db.selectFrom('authenticators').selectAll().execute()
    const codes = await db.selectFrom('recovery_codes').selectAll().execute()
    expect(apps[0]?.secret).toMatch(/^v1\./)
    expect(codes).toHaveLength(10)
    const stored = JSON.stringify([apps, codes])
    expect(recoveryCodes.filter((code) => stored.includes(code) || stored.includes(code.replaceAll('-', '')))).toEqual(
      [],
    )
  })
})
