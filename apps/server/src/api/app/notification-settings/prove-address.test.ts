import { expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine } from '#server/db/_engines.ts'
import { codeIn, openDesk, refusal } from './_desk.ts'

/* How somebody shows that an address is theirs before anything is sent to it, or decided through it. */

const mobile = '+6591234567'
const email = 'bob@acme.test'
const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')

onEveryEngine((engine) => {
  it('an e-mail address: by a code sent to it', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const bob = await desk.subject('bob', 'email')
    expect(await refusal(desk.set(bob, { address: { email } }))).toEqual({ code: 'code_required', paths: ['code'] })
    expect(await desk.ask(bob, { email: ` ${email}` })).toEqual({ via: 'email', resendAfter: 60, validFor: 600 })
    const [letter] = desk.messenger('email').letters
    expect(letter).toMatchObject({
      to: { uid: 'bob' },
      address: { email },
      content: { kind: 'code', validMinutes: 10 },
    })
    const code = codeIn(letter?.words.title)
    expect(await refusal(desk.set(bob, { address: { email }, code: wrong(code) }))).toMatchObject({
      code: 'code_wrong',
    })
    expect(await refusal(desk.set(bob, { address: { email: 'b@acme.test' }, code }))).toMatchObject({
      code: 'code_wrong',
    })
    await desk.set(bob, { address: { email }, code })
    expect(await desk.setting(bob)).toMatchObject({ enabled: true, mode: 'instant', address: { email } })
    expect(await refusal(desk.set(bob, { address: { email: 'b@acme.test' }, code }))).toMatchObject({
      code: 'code_expired',
    })
  })

  it('a wrong code costs one of five checks, though nothing else of the request is kept', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const bob = await desk.subject('bob', 'email')
    await desk.ask(bob, { email })
    const code = codeIn(desk.messenger('email').letters[0]?.words.title)
    const guesses = await Promise.all(
      Array.from({ length: 40 }, () => refusal(desk.set(bob, { address: { email }, code: wrong(code) }))),
    )
    expect(guesses.filter((guess) => guess.code === 'code_wrong')).toHaveLength(5)
    expect(await refusal(desk.set(bob, { address: { email }, code }))).toMatchObject({ code: 'code_expired' })
  })

  it('Feishu and Lark: by a code that the bot says to the account found there, which is then known', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const feishu = desk.channel('feishu')
    feishu.accounts.set(`mobile=${mobile}`, 'ou_bob')
    const bob = await desk.subject('bob', 'feishu')
    expect(await desk.ask(bob, { mobile: '+65 9123 4567' })).toMatchObject({ via: 'bot' })
    expect(feishu.said).toMatchObject([{ to: 'ou_bob', text: expect.stringContaining('Bob') }])
    await desk.set(bob, { address: { mobile }, code: codeIn(feishu.said[0]?.text) })
    const { directory } = database.stores
    expect(await directory.findByPlatformId('acme', 'feishu', 'ou_bob')).toMatchObject({ uid: 'bob' })
    expect(await directory.platformId('acme', 'feishu', 'bob')).toBe('ou_bob')
    expect(await desk.setting(bob)).toMatchObject({ address: { mobile: '+65••••4567' } })
  })

  it('the same is answered, and the same rows are there, when the platform knows nobody by the address', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const lark = desk.channel('lark')
    lark.accounts.set(`email=${email}`, 'ou_bob')
    const bob = await desk.subject('bob', 'lark')
    const carol = await desk.subject('carol', 'lark')
    expect(await desk.ask(bob, { email })).toEqual(await desk.ask(carol, { email: 'nobody@acme.test' }))
    expect(lark.said).toHaveLength(1)
    const codes = await database.db
      .selectFrom('verification_codes')
      .select(['uid', 'checks_left'])
      .orderBy('uid')
      .execute()
    expect(codes).toEqual([
      { uid: 'bob', checks_left: 5 },
      { uid: 'carol', checks_left: 5 },
    ])
    const guess = { address: { email: 'nobody@acme.test' }, code: '123456' }
    const answers = [
      await refusal(desk.set(carol, guess)),
      await refusal(desk.set(bob, { ...guess, address: { email } })),
    ]
    expect(answers).toEqual([
      { code: 'code_wrong', paths: [] },
      { code: 'code_wrong', paths: [] },
    ])
    expect(desk.logged).toMatchObject([{ outcome: '0' }, { outcome: 'unknown_address' }])
    expect(JSON.stringify(desk.logged)).not.toMatch(/\d{6}|@acme|nobody/)
  })

  it('an account that is somebody else’s is refused, but only to who has shown that they hold it', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const lark = desk.channel('lark')
    lark.accounts.set(`email=${email}`, 'ou_1').set(`mobile=${mobile}`, 'ou_1')
    const bob = await desk.subject('bob', 'lark')
    await desk.ask(bob, { email })
    await desk.set(bob, { address: { email }, code: codeIn(lark.said[0]?.text) })
    const carol = await desk.subject('carol', 'lark')
    expect(await desk.ask(carol, { mobile })).toMatchObject({ via: 'bot' })
    const code = codeIn(lark.said[1]?.text)
    expect(await refusal(desk.set(carol, { address: { mobile }, code: wrong(code) }))).toMatchObject({
      code: 'code_wrong',
    })
    expect(await refusal(desk.set(carol, { address: { mobile }, code }))).toMatchObject({ code: 'address_taken' })
    const { directory } = database.stores
    expect(await directory.findByPlatformId('acme', 'lark', 'ou_1')).toMatchObject({ uid: 'bob' })
  })

  it('an address that stands for somebody else is refused, even before the platform was ever asked about them', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    desk.channel('lark').accounts.set(`email=${email}`, 'ou_bob')
    await database.db
      .insertInto('user_channels')
      .values({
        tenant_id: 'acme',
        uid: 'bob',
        channel: 'lark',
        address: JSON.stringify({ email: 'BOB@acme.test', mobile }),
        provisioned: 1,
        updated_at: 0,
      })
      .execute()
    const carol = await desk.subject('carol', 'lark', { actor: 'alice' })
    expect(await refusal(desk.set(carol, { address: { email } }))).toMatchObject({ code: 'address_taken' })
  })

  it('DingTalk: by text message where the tenant has them, and the account must be there all the same', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database, { sms: true })
    const bob = await desk.subject('bob', 'dingtalk')
    expect(await desk.ask(bob, { mobile })).toMatchObject({ via: 'sms' })
    expect(desk.channel('dingtalk').said).toEqual([])
    const code = codeIn(desk.messenger('sms').letters[0]?.words.title)
    expect(await refusal(desk.set(bob, { address: { mobile }, code: wrong(code) }))).toMatchObject({
      code: 'code_wrong',
    })
    expect(await refusal(desk.set(bob, { address: { mobile }, code }))).toEqual({
      code: 'invalid_request',
      paths: ['address'],
    })
    desk.clock.now += 60_000
    desk.channel('dingtalk').accounts.set(`mobile=${mobile}`, 'user1')
    await desk.ask(bob, { mobile })
    await desk.set(bob, { address: { mobile }, code: codeIn(desk.messenger('sms').letters[1]?.words.title) })
    expect(await database.stores.directory.platformId('acme', 'dingtalk', 'bob')).toBe('user1')
  })

  it('DingTalk without text messages: by the bot', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const dingtalk = desk.channel('dingtalk')
    dingtalk.accounts.set(`mobile=${mobile}`, 'user1')
    const bob = await desk.subject('bob', 'dingtalk')
    expect(await desk.ask(bob, { mobile })).toMatchObject({ via: 'bot' })
    await desk.set(bob, { address: { mobile }, code: codeIn(dingtalk.said[0]?.text) })
    expect(await database.stores.directory.platformId('acme', 'dingtalk', 'bob')).toBe('user1')
  })

  it('whoever is logged in through the very account needs no code; through another account they do', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const lark = desk.channel('lark')
    lark.accounts.set(`mobile=${mobile}`, 'ou_bob').set('email=carol@acme.test', 'ou_carol')
    const session = await desk.session('bob', { channel: 'lark', platformUserId: 'ou_bob' })
    const bob = await desk.subject('bob', 'lark', { session })
    expect(await desk.ask(bob, { mobile })).toEqual({ via: 'none', resendAfter: 0, validFor: 0 })
    expect(await desk.ask(bob, { email: 'carol@acme.test' })).toMatchObject({ via: 'bot' })
    expect(await refusal(desk.set(bob, { address: { email: 'carol@acme.test' } }))).toMatchObject({
      code: 'code_required',
    })
    expect(await refusal(desk.set(bob, { address: { email: 'nobody@acme.test' } }))).toMatchObject({
      code: 'code_required',
    })
    await desk.set(bob, { address: { mobile } })
    expect(await database.stores.directory.platformId('acme', 'lark', 'bob')).toBe('ou_bob')
    expect((await desk.audit('bob')).at(-1)?.detail).toMatchObject({ proof: 'session' })
    // The same account id on the sister platform is another account.
    desk.channel('feishu').accounts.set(`mobile=${mobile}`, 'ou_bob')
    expect(await refusal(desk.set({ ...bob, channel: 'feishu' }, { address: { mobile } }))).toMatchObject({
      code: 'code_required',
    })
  })

  it('a platform that does not answer leaves everything as it was, the code too', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database, { sms: true })
    const dingtalk = desk.channel('dingtalk')
    dingtalk.accounts.set(`mobile=${mobile}`, 'user1')
    const bob = await desk.subject('bob', 'dingtalk')
    await desk.ask(bob, { mobile })
    const code = codeIn(desk.messenger('sms').letters[0]?.words.title)
    dingtalk.refusal = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })
    expect(await refusal(desk.set(bob, { address: { mobile }, code }))).toMatchObject({ code: 'platform_unavailable' })
    dingtalk.refusal = null
    await desk.set(bob, { address: { mobile }, code })
    expect(await desk.setting(bob)).toMatchObject({ enabled: true })
  })

  it('a code that the mail server refuses is not tried for ever, and the log says so without it', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    desk.messenger('email').refusal = new ChannelError('rejected', '550', 'no such mailbox')
    const bob = await desk.subject('bob', 'email')
    expect(await desk.ask(bob, { email })).toMatchObject({ via: 'email' })
    expect(desk.logged).toMatchObject([{ via: 'email', channel: 'email', uid: 'bob' }])
  })

  it('a number is sent one text message a minute, whichever channel it is for', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database, { sms: true })
    expect(await desk.ask(await desk.subject('bob', 'sms'), { mobile })).toMatchObject({ via: 'sms' })
    const dingtalk = await desk.subject('bob', 'dingtalk')
    expect(await refusal(desk.ask(dingtalk, { mobile }))).toMatchObject({ code: 'too_many_requests' })
    desk.clock.now += 60_000
    expect(await desk.ask(dingtalk, { mobile })).toMatchObject({ via: 'sms' })
    // Each is a code of its own channel.
    const [first, second] = desk.messenger('sms').letters.map(({ words }) => codeIn(words.title))
    desk.channel('dingtalk').accounts.set(`mobile=${mobile}`, 'user1')
    if (first !== second) {
      expect(await refusal(desk.set(dingtalk, { address: { mobile }, code: first ?? '' }))).toMatchObject({
        code: 'code_wrong',
      })
    }
    await desk.set(dingtalk, { address: { mobile }, code: second ?? '' })
    await desk.set({ ...dingtalk, channel: 'sms' }, { address: { mobile }, code: first ?? '' })
  })

  it('one network may ask for a hundred codes a day, whoever asks', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    for (let asked = 0; asked < 100; asked += 1) {
      const { tenantId, caller } = await desk.subject('bob', 'email')
      const ask = { tenantId, uid: `person${asked}`, channel: 'email' as const, via: 'email', caller }
      await database.store.run((tx) =>
        desk.deps.throttles.code(tx, { ...ask, address: { email: `${asked}@acme.test` } }),
      )
    }
    expect(await refusal(desk.ask(await desk.subject('bob', 'email'), { email }))).toMatchObject({
      code: 'too_many_requests',
    })
    const elsewhere = await desk.subject('bob', 'email', { caller: '198.51.100.1' })
    expect(await desk.ask(elsewhere, { email })).toMatchObject({ via: 'email' })
  })

  it('an e-mail address that an administrator has entered: known to be theirs once they give its code', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const { loginWays } = database.stores
    const bob = await desk.subject('bob', 'email')
    const byAlice = await desk.subject('bob', 'email', { actor: 'alice' })
    await database.db.updateTable('users').set({ provisioned: 0 }).where('uid', '=', 'bob').execute()
    await desk.set(byAlice, { address: { email } })
    expect(await desk.setting(bob)).toMatchObject({ address: { email }, proved: false })
    expect(await loginWays.peopleOfEmail('acme', email)).toEqual([])
    await desk.ask(bob, { email })
    const code = codeIn(desk.messenger('email').letters[0]?.words.title)
    expect(await refusal(desk.set(bob, { address: { email }, code: wrong(code) }))).toMatchObject({
      code: 'code_wrong',
    })
    await desk.set(bob, { address: { email }, code })
    // Whether and when to tell them has nothing to do with it.
    await desk.set(byAlice, { enabled: false })
    expect(await desk.setting(bob)).toMatchObject({ proved: true, enabled: false })
    expect(await loginWays.peopleOfEmail('acme', email)).toEqual([{ uid: 'bob', email }])
    expect(await loginWays.hasOwnEmail('acme', 'bob')).toBe(true)
    await desk.set(byAlice, { address: { email: 'alice@acme.test' } })
    expect(await loginWays.peopleOfEmail('acme', 'alice@acme.test')).toEqual([])
    expect(await loginWays.hasOwnEmail('acme', 'bob')).toBe(false)
  })

  it('codes are a minute apart, ten a day to an address and ten a day of a person', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const bob = await desk.subject('bob', 'email')
    const tooMany = { code: 'too_many_requests', paths: [] }
    await desk.ask(bob, { email })
    desk.clock.now += 59_999
    expect(await refusal(desk.ask(bob, { email }))).toEqual(tooMany)
    expect(await refusal(desk.ask(await desk.subject('carol', 'email'), { email: email.toUpperCase() }))).toEqual(
      tooMany,
    )
    desk.clock.now += 1
    for (let sent = 1; sent < 10; sent += 1) {
      await desk.ask(bob, { email })
      desk.clock.now += 60_000
    }
    expect(await refusal(desk.ask(bob, { email }))).toEqual(tooMany)
    expect(await refusal(desk.ask(bob, { email: 'another@acme.test' }))).toEqual(tooMany)
    expect(await refusal(desk.ask(await desk.subject('carol', 'email'), { email }))).toEqual(tooMany)
    desk.clock.now += 24 * 60 * 60_000
    expect(await desk.ask(bob, { email })).toMatchObject({ via: 'email' })
    expect(desk.messenger('email').letters).toHaveLength(11)
  })
})
