import { expect, it } from 'vitest'
import { refusal } from '#server/api/app/notification-settings/_desk.ts'
import { onEveryEngine } from '#server/db/_engines.ts'
import { openHouse } from './_house.ts'

const otherThan = (code: string | null): string => (code === '000000' ? '000001' : '000000')
const minute = 60_000

onEveryEngine((engine) => {
  it('a code goes to an address that is known to be somebody’s, and lets them in once', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const { answer, code, to } = await house.ask('ALICE@acme.test')
    expect(answer).toMatchObject({ resendAfter: 60, validFor: 600 })
    expect(to).toEqual({ email: 'alice@acme.test' })
    const given = { attempt: answer.attempt, code: code ?? '' }
    await expect(house.emailLogin.finish(given, 'laptop')).resolves.toMatchObject({ tenantId: 'acme', uid: 'alice' })
    expect((await refusal(house.emailLogin.finish(given, 'laptop'))).code).toBe('state_invalid')
    // Who has shown an address to be theirs is known by it too.
    const eve = await house.ask('eve@acme.test')
    const user = await house.emailLogin.finish({ attempt: eve.answer.attempt, code: eve.code ?? '' }, 'laptop')
    expect(user.uid).toBe('eve')
  })

  it('nobody learns who is there: what an administrator has entered, who is disabled and nobody get the same answers', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const seen = []
    for (const who of ['alice', 'bob', 'dan', 'nobody']) {
      const { answer } = await house.ask(`${who}@acme.test`)
      const codes = []
      for (let guess = 0; guess < 7; guess += 1) {
        codes.push((await refusal(house.emailLogin.finish({ attempt: answer.attempt, code: '000000' }, 'laptop'))).code)
      }
      const { attempt, ...rest } = answer
      seen.push(JSON.stringify([attempt.length, rest, codes]))
      expect((await refusal(house.ask(`${who}@acme.test`))).code).toBe('too_many_requests')
    }
    expect(new Set(seen).size).toBe(1)
    expect(seen[0]).toContain(JSON.stringify([...Array(5).fill('code_wrong'), 'code_expired', 'code_expired']))
    expect(house.messenger.letters).toHaveLength(1)
    // Of all this the audit has what concerns a person, and never an address.
    const lines = await house.audit()
    expect(lines).toHaveLength(5)
    expect(lines[4]).toBe('visitor session.login_refused user:alice {"way":"email","reason":"code_wrong"}')
    expect(lines.join()).not.toContain('@')
  })

  it('of a hundred guesses at once five are compared, and the right one is no use after them', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const { answer, code } = await house.ask('alice@acme.test')
    const guess = { attempt: answer.attempt, code: otherThan(code) }
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => (await refusal(house.emailLogin.finish(guess, 'laptop'))).code),
    )
    expect(answers.filter((each) => each === 'code_wrong')).toHaveLength(5)
    const right = { attempt: answer.attempt, code: code ?? '' }
    expect((await refusal(house.emailLogin.finish(right, 'laptop'))).code).toBe('code_expired')
  })

  it('is bound to the browser that asked, to its attempt and to ten minutes', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const first = await house.ask('alice@acme.test')
    const right = { attempt: first.answer.attempt, code: first.code ?? '' }
    expect((await refusal(house.emailLogin.finish(right, 'phone'))).code).toBe('state_invalid')
    house.clock.now += minute
    // Another who asks for her does not take her code away.
    const second = await house.ask('alice@acme.test', { browser: 'phone' })
    const mixed = { attempt: second.answer.attempt, code: first.code ?? '' }
    expect((await refusal(house.emailLogin.finish(mixed, 'phone'))).code).toBe('code_wrong')
    await expect(house.emailLogin.finish(right, 'laptop')).resolves.toMatchObject({ uid: 'alice' })
    house.clock.now += 10 * minute
    const late = { attempt: second.answer.attempt, code: second.code ?? '' }
    expect((await refusal(house.emailLogin.finish(late, 'phone'))).code).toBe('state_invalid')
  })

  it('lets nobody in once the address is theirs no more, they are disabled, or the way is closed', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const { db, store } = database
    const alice = await house.ask('alice@acme.test')
    await db.updateTable('users').set({ disabled: 1 }).where('uid', '=', 'alice').execute()
    const hers = { attempt: alice.answer.attempt, code: alice.code ?? '' }
    expect((await refusal(house.emailLogin.finish(hers, 'laptop'))).code).toBe('code_expired')

    const eve = await house.ask('eve@acme.test')
    const moved = { address: JSON.stringify({ email: 'eve@elsewhere.test' }) }
    await db.updateTable('user_channels').set(moved).where('uid', '=', 'eve').execute()
    const given = { attempt: eve.answer.attempt, code: eve.code ?? '' }
    expect((await refusal(house.emailLogin.finish(given, 'laptop'))).code).toBe('code_expired')
    // The new address was entered by somebody: it is not shown to be hers.
    expect((await house.ask('eve@elsewhere.test')).code).toBeNull()

    house.switches.mail = false
    expect((await refusal(house.ask('alice@acme.test'))).code).toBe('way_closed')
    house.switches.mail = true
    const row = {
      tenant_id: 'acme',
      way: 'email',
      settings: '{}',
      secret: null,
      provisioned: 0,
      updated_at: 0,
    } as const
    await store.run((tx) => tx.loginWays.put({ ...row, enabled: 0 }))
    expect((await refusal(house.ask('alice@acme.test'))).code).toBe('way_closed')
    expect((await refusal(house.ask('alice@acme.test', { tenant: 'nowhere' }))).code).toBe('way_closed')
  })

  it('is of one tenant, and an address of two people is nobody’s', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const { answer, code } = await house.ask('alice@acme.test', { tenant: 'beta' })
    const user = await house.emailLogin.finish({ attempt: answer.attempt, code: code ?? '' }, 'laptop')
    expect(user).toMatchObject({ tenantId: 'beta', uid: 'alice' })
    await database.db.updateTable('users').set({ email: 'alice@acme.test' }).where('uid', '=', 'dan').execute()
    await database.db.updateTable('users').set({ disabled: 0 }).where('uid', '=', 'dan').execute()
    expect((await house.ask('alice@acme.test')).code).toBeNull()
  })

  it('a person is sent ten codes a day by however many addresses, and a caller asks for a hundred', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    const own = { address: JSON.stringify({ email: 'a@acme.test' }), provisioned: 1 as const, updated_at: 0 }
    await database.db
      .insertInto('user_channels')
      .values({ tenant_id: 'acme', uid: 'alice', channel: 'email', ...own })
      .execute()
    let sent = 0
    for (let n = 0; n < 7; n += 1) {
      for (const address of ['alice@acme.test', 'a@acme.test']) {
        const { code } = await house.ask(address)
        sent += code === null ? 0 : 1
      }
      house.clock.now += minute
    }
    expect(sent).toBe(10)
    for (let n = 14; n < 100; n += 1) await house.ask(`nobody${n}@acme.test`)
    expect((await refusal(house.ask('carol@acme.test'))).code).toBe('too_many_requests')
    await expect(house.ask('carol@acme.test', { caller: '203.0.113.8' })).resolves.toBeDefined()
  })
})
