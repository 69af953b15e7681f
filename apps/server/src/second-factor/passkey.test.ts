import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import type { Visitor } from '#server/session/sessions.ts'
import { type Desk, openDesk } from './_desk.ts'
import { createSoftwarePasskey, type Liberties, type SoftwarePasskey } from './_software-passkey.ts'
import { addPasskey, beginPasskey } from './enrol.ts'
import { askForPasskey, givePasskey } from './give.ts'
import { challengeMs } from './relying-party.ts'
import { removePasskey } from './remove.ts'
import { viewSecondFactor } from './view.ts'

const refused = { code: 'passkey_refused', status: 422 }

/** Adds this passkey in the session, as a browser does. */
async function add(desk: Desk, visitor: Visitor, passkey: SoftwarePasskey, liberties: Liberties = {}, name = 'Laptop') {
  const options = await beginPasskey(desk.deps, visitor)
  return addPasskey(desk.deps, visitor, { name, passkey: passkey.create(options, liberties) })
}
async function give(desk: Desk, visitor: Visitor, passkey: SoftwarePasskey, liberties: Liberties = {}): Promise<void> {
  const options = await askForPasskey(desk.deps, visitor)
  await givePasskey(desk.deps, visitor, passkey.sign(options, liberties))
}

/** What no browser or authenticator of the person would send for this host. */
const wrongs: [string, Liberties][] = [
  ['another page', { origin: 'https://sign.acme.test.evil.test' }],
  ['the same host without https', { origin: 'http://sign.acme.test' }],
  ['another port', { origin: 'https://sign.acme.test:8443' }],
  ['another host', { rpId: 'evil.test' }],
  ['a challenge of somebody else', { challenge: Buffer.alloc(32, 1).toString('base64url') }],
  ['an authenticator that did not make sure who is there', { isVerified: false }],
]

onEveryEngine((engine) => {
  it('a passkey gives a session its rights, and is listed with its name and last use', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const laptop = createSoftwarePasskey()
    expect(await add(desk, alice, laptop)).toHaveLength(10)
    expect((await desk.again(alice)).secondFactor).toBe('given')
    const elsewhere = await desk.logIn('alice')
    expect(elsewhere).toMatchObject({ secondFactor: 'needed', user: { roles: ['user'] } })
    await give(desk, elsewhere, laptop)
    expect(await desk.again(elsewhere)).toMatchObject({ secondFactor: 'given', user: { roles: ['admin', 'user'] } })
    const { passkeys } = await viewSecondFactor(desk.deps, elsewhere)
    const now = new Date(desk.clock.now).toISOString()
    expect(passkeys).toMatchObject([{ name: 'Laptop', isSynced: false, createdAt: now, lastUsedAt: now }])
    // A second one brings no codes with it.
    expect(await add(desk, await desk.again(alice), createSoftwarePasskey(), {}, 'Phone')).toBeNull()
    const audit = (await desk.audited()).filter((entry) => entry.includes('second_factor'))
    expect(audit.map((entry) => entry.split(' ')[1])).toEqual([
      'user.second_factor_add',
      'session.second_factor',
      'user.second_factor_add',
    ])
    expect(audit[0]).toContain('"name":"Laptop"')
  })

  it.each(wrongs)('one made for %s is not added', async (_what, liberties) => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    await expect(add(desk, alice, createSoftwarePasskey(), liberties)).rejects.toMatchObject(refused)
    expect((await desk.again(alice)).secondFactor).toBe('none')
  })

  it.each([...wrongs, ['another person', { userHandle: 'AAAA' }] as [string, Liberties]])(
    'one given for %s lets nobody in, and the refusal is in the audit',
    async (_what, liberties) => {
      await using desk = await openDesk(engine)
      const passkey = createSoftwarePasskey()
      await add(desk, await desk.logIn('alice'), passkey)
      const session = await desk.logIn('alice')
      await expect(give(desk, session, passkey, liberties)).rejects.toMatchObject(refused)
      expect((await desk.again(session)).secondFactor).toBe('needed')
      expect((await desk.audited()).at(-1)).toContain('alice session.second_factor_refused user:alice')
    },
  )

  it('what a browser has signed is good once, in the session that asked, for five minutes', async () => {
    await using desk = await openDesk(engine)
    const passkey = createSoftwarePasskey()
    await add(desk, await desk.logIn('alice'), passkey)
    const [first, second] = [await desk.logIn('alice'), await desk.logIn('alice')]
    const signed = passkey.sign(await askForPasskey(desk.deps, first))
    await expect(givePasskey(desk.deps, second, signed)).rejects.toMatchObject(refused)
    await askForPasskey(desk.deps, second)
    await expect(givePasskey(desk.deps, second, signed)).rejects.toMatchObject(refused)
    await givePasskey(desk.deps, first, signed)
    await expect(givePasskey(desk.deps, first, signed)).rejects.toMatchObject(refused)

    const late = passkey.sign(await askForPasskey(desk.deps, second))
    desk.clock.now += challengeMs
    await expect(givePasskey(desk.deps, second, late)).rejects.toMatchObject(refused)
    // A second question takes the place of the first.
    const early = passkey.sign(await askForPasskey(desk.deps, second))
    await askForPasskey(desk.deps, second)
    await expect(givePasskey(desk.deps, second, early)).rejects.toMatchObject(refused)
    expect((await desk.again(second)).secondFactor).toBe('needed')
  })

  it('what was made to be added cannot be added twice, in another session, or late', async () => {
    await using desk = await openDesk(engine)
    const [alice, elsewhere] = [await desk.logIn('alice'), await desk.logIn('alice')]
    const passkey = createSoftwarePasskey()
    const made = passkey.create(await beginPasskey(desk.deps, alice))
    await expect(addPasskey(desk.deps, elsewhere, { name: 'x', passkey: made })).rejects.toMatchObject(refused)
    desk.clock.now += challengeMs
    await expect(addPasskey(desk.deps, alice, { name: 'x', passkey: made })).rejects.toMatchObject(refused)
    await add(desk, alice, passkey)
    await expect(addPasskey(desk.deps, await desk.again(alice), { name: 'x', passkey: made })).rejects.toMatchObject(
      refused,
    )
    // The same key anew: of nobody else in the organisation, nor twice of one person.
    for (const visitor of [await desk.again(alice), await desk.logIn('carol')]) {
      await expect(add(desk, visitor, passkey)).rejects.toMatchObject({ code: 'conflict', status: 409 })
    }
  })

  it('a passkey that was removed, of somebody else or of the same person elsewhere lets nobody in', async () => {
    await using desk = await openDesk(engine)
    const alice = await desk.logIn('alice')
    const [kept, removed, carols, elsewheres] = [0, 1, 2, 3].map(createSoftwarePasskey) as [
      SoftwarePasskey,
      SoftwarePasskey,
      SoftwarePasskey,
      SoftwarePasskey,
    ]
    await add(desk, alice, kept)
    await add(desk, await desk.again(alice), removed, {}, 'Old phone')
    await add(desk, await desk.logIn('carol'), carols)
    await add(desk, await desk.logIn('alice', 'beta'), elsewheres)
    const session = await desk.logIn('alice')
    const signedBefore = removed.sign(await askForPasskey(desk.deps, session))
    const old = (await viewSecondFactor(desk.deps, alice)).passkeys.find(({ name }) => name === 'Old phone')
    await removePasskey(desk.deps, await desk.again(alice), old?.id ?? '')
    await expect(givePasskey(desk.deps, session, signedBefore)).rejects.toMatchObject(refused)
    for (const passkey of [removed, carols, elsewheres]) {
      await expect(give(desk, session, passkey)).rejects.toMatchObject(refused)
    }
    await expect(removePasskey(desk.deps, await desk.again(alice), old?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    })
    await give(desk, session, kept)
  })

  it('a counter that does not go on is that of a copy, and is refused', async () => {
    await using desk = await openDesk(engine)
    const passkey = createSoftwarePasskey()
    await add(desk, await desk.logIn('alice'), passkey, { counter: 4 })
    const session = await desk.logIn('alice')
    await give(desk, session, passkey, { counter: 9 })
    for (const counter of [9, 5, 0]) {
      await expect(give(desk, session, passkey, { counter })).rejects.toMatchObject(refused)
    }
    await give(desk, session, passkey, { counter: 10 })
  })

  it('nobody is asked for one they do not have', async () => {
    await using desk = await openDesk(engine)
    const missing = { code: 'second_factor_missing', status: 409 }
    await expect(askForPasskey(desk.deps, await desk.logIn('alice'))).rejects.toMatchObject(missing)
  })
})
