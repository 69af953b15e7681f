import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { codeIn, type Desk, openDesk, refusal } from './_desk.ts'
import { changePreferences } from './change-preferences.ts'
import { removeChannel } from './remove-channel.ts'
import { testChannel } from './test-channel.ts'
import { viewSettings } from './view.ts'

/* What people may change of how they are told, and what follows from it. */

const mobile = '+6591234567'

async function bindByCode(desk: Desk, uid: string, session = desk.session(uid)) {
  const lark = desk.channel('lark')
  lark.accounts.set(`mobile=${mobile}`, 'ou_old').set('email=new@acme.test', 'ou_new')
  const who = await desk.subject(uid, 'lark', { session: await session })
  const { via } = await desk.ask(who, { mobile })
  await desk.set(who, { address: { mobile }, ...(via === 'none' ? {} : { code: codeIn(lark.said.at(-1)?.text) }) })
  return who
}

const provision = ({ db }: TestDatabase, uid: string) =>
  db
    .insertInto('user_channels')
    .values({
      tenant_id: 'acme',
      uid,
      channel: 'lark',
      address: JSON.stringify({ mobile }),
      provisioned: 1,
      updated_at: 0,
    })
    .execute()

onEveryEngine((engine) => {
  describe('a new address', () => {
    it('ends what hung on the one before: the account, its questions, and the sessions through it but for this one', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob', desk.session('bob', { channel: 'lark', platformUserId: 'ou_old' }))
      const elsewhere = await desk.session('bob', { channel: 'lark', platformUserId: 'ou_old' })
      const throughFeishu = await desk.session('bob', { channel: 'feishu', platformUserId: 'ou_old' })
      const carols = await desk.session('carol', { channel: 'lark', platformUserId: 'ou_carol' })
      await database.stores.chat.askConfirmation({
        ...{ tenantId: 'acme', uid: 'bob', channel: 'lark', ticketId: 't', node: 0, contentHash: 'h' },
        ...{ action: 'approve', comment: null, expiresAt: Number.MAX_SAFE_INTEGER },
      })
      desk.clock.now += 60_000
      const address = { email: 'new@acme.test' }
      await desk.ask(bob, address)
      await desk.set(bob, { address, code: codeIn(desk.channel('lark').said.at(-1)?.text) })

      const told = await database.db.selectFrom('chat_replies').select(['platform_user_id', 'text']).execute()
      expect(told).toEqual([{ platform_user_id: 'ou_old', text: expect.stringContaining('Bob no longer come') }])
      const { directory } = database.stores
      expect(await directory.findByPlatformId('acme', 'lark', 'ou_old')).toBeNull()
      expect(await directory.findByPlatformId('acme', 'lark', 'ou_new')).toMatchObject({ uid: 'bob' })
      const alive = await Promise.all([bob.session, elsewhere, throughFeishu, carols].map(desk.isAlive))
      expect(alive).toEqual([true, false, true, true])
      expect(await database.db.selectFrom('chat_confirmations').select('uid').execute()).toEqual([])
    })

    it('is set by an administrator without a code, and then ends every session through the account before', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob', desk.session('bob', { channel: 'lark', platformUserId: 'ou_old' }))
      const admin = await desk.subject('bob', 'lark', { actor: 'alice' })
      expect(await desk.setting(admin)).toMatchObject({ verification: 'none' })
      expect(await desk.ask(admin, { email: 'new@acme.test' })).toMatchObject({ via: 'none' })
      await desk.set(admin, { address: { email: 'new@acme.test' } })
      expect(await database.stores.directory.platformId('acme', 'lark', 'bob')).toBe('ou_new')
      expect(await desk.isAlive(bob.session)).toBe(false)
      expect(await desk.isAlive(admin.session)).toBe(true)
      expect(await refusal(desk.set(admin, { address: { email: 'nobody@acme.test' } }))).toEqual({
        code: 'invalid_request',
        paths: ['address'],
      })
    })

    it('of an administrator’s own needs a code like everybody’s', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const alice = await desk.subject('alice', 'email')
      expect(await refusal(desk.set(alice, { address: { email: 'a@acme.test' } }))).toMatchObject({
        code: 'code_required',
      })
    })

    it('that is the same as before changes nothing and needs no code', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob')
      const before = await desk.audit('bob')
      await desk.set(bob, { address: { mobile: '+65 9123 4567' } })
      expect(await desk.audit('bob')).toEqual(before)
    })

    it('does not take the place of one that the provisioning file gives', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      await provision(database, 'bob')
      const bob = await desk.subject('bob', 'lark')
      const admin = await desk.subject('bob', 'lark', { actor: 'alice' })
      const address = { email: 'new@acme.test' }
      for (const who of [bob, admin]) {
        expect(await refusal(desk.set(who, { address, code: '123456' }))).toMatchObject({ code: 'provisioned' })
        expect(await refusal(desk.ask(who, address))).toMatchObject({ code: 'provisioned' })
        expect(await refusal(removeChannel(desk.deps, who))).toMatchObject({ code: 'provisioned' })
      }
      await desk.set(bob, { enabled: false })
      expect(await desk.setting(bob)).toMatchObject({ enabled: false, provisioned: true })
    })

    it('needs a channel that the tenant has enabled and this host can use', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const off = { code: 'channel_not_enabled' }
      for (const channel of ['sms', 'wecomRobot'] as const) {
        const bob = await desk.subject('bob', channel)
        const address =
          channel === 'sms' ? { mobile } : { url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1' }
        expect(await refusal(desk.set(bob, { address }))).toMatchObject(off)
        expect(await refusal(desk.ask(bob, address))).toMatchObject(off)
      }
      const { channels } = await viewSettings(desk.deps, await desk.subject('bob', 'sms'))
      expect(channels.map(({ channel, unavailable }) => [channel, unavailable])).toEqual([
        ['lark', null],
        ['feishu', null],
        ['dingtalk', null],
        ['dingtalkExclusive', 'not_enabled'],
        ['dingtalkRobot', null],
        ['wecomRobot', 'no_adapter'],
        ['email', null],
        ['sms', 'not_enabled'],
        ['webhook', null],
      ])
    })

    it('of a robot or a web hook is nobody’s own, is checked at once, and keeps its secret', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await desk.subject('bob', 'webhook')
      for (const url of [
        'http://127.0.0.1/x',
        'http://169.254.169.254/latest',
        'http://[::1]/',
        'https://hooks.example:22/',
      ]) {
        expect(await refusal(desk.set(bob, { address: { url } }))).toEqual({
          code: 'invalid_request',
          paths: ['address.url'],
        })
      }
      const url = 'https://hooks.example/services/canary-path'
      await desk.set(bob, { address: { url, signatureMethod: 'HMAC_SHA1', signatureKey: 'canary-key' } })
      expect(await desk.setting(bob)).toMatchObject({
        verification: 'none',
        address: { url: 'https://hooks.example/••••', signatureMethod: 'HMAC_SHA1', signatureKey: '••••' },
      })
      const stored = JSON.stringify(await database.db.selectFrom('user_channels').selectAll().execute())
      expect(stored).not.toContain('canary')
    })

    it('is in the audit by whom, for whom and by what proof, and never in clear', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob')
      await desk.set(bob, { enabled: false })
      await removeChannel(desk.deps, bob)
      await removeChannel(desk.deps, bob)
      const admin = await desk.subject('bob', 'email', { actor: 'alice' })
      await desk.set(admin, { address: { email: 'bob@acme.test' }, mode: 'digest' })
      const said = await desk.audit('bob')
      expect(said).toMatchObject([
        { actor: 'bob', action: 'notification.channel_set', detail: { channel: 'lark', proof: 'code_bot' } },
        { actor: 'bob', action: 'notification.channel_changed', detail: { channel: 'lark', enabled: false } },
        { actor: 'bob', action: 'notification.channel_removed', detail: { channel: 'lark' } },
        {
          actor: 'alice',
          action: 'notification.channel_set',
          detail: { channel: 'email', proof: 'admin', mode: 'digest' },
        },
      ])
      expect(JSON.stringify(said)).not.toMatch(/4567|acme\.test/)
    })
  })

  it('a channel without an address cannot be switched on, and only some can wait for the summary', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const bob = await desk.subject('bob', 'lark')
    expect(await refusal(desk.set(bob, { enabled: true }))).toEqual({ code: 'invalid_request', paths: ['address'] })
    await bindByCode(desk, 'bob')
    expect(await refusal(desk.set(bob, { mode: 'digest' }))).toEqual({ code: 'invalid_request', paths: ['mode'] })
    expect(await desk.setting(await desk.subject('bob', 'email'))).toMatchObject({ modes: ['instant', 'digest'] })
  })

  it('whoever nothing can reach any more may have it so, and is told how many tickets wait for them', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const bob = await bindByCode(desk, 'bob')
    await database.db
      .insertInto('ticket_people')
      .values({ tenant_id: 'acme', uid: 'bob', tab: 'pending', ticket_id: 't1', sort_at: 1 })
      .execute()
    expect(await viewSettings(desk.deps, bob)).not.toHaveProperty('unreachable')
    await desk.set(bob, { enabled: false })
    expect(await viewSettings(desk.deps, bob)).toMatchObject({ unreachable: { waiting: 1 } })
    await desk.set(bob, { enabled: true })
    const session = await desk.session('bob', { channel: 'lark', platformUserId: 'ou_old' })
    await removeChannel(desk.deps, bob)
    expect(await viewSettings(desk.deps, bob)).toMatchObject({ unreachable: { waiting: 1 } })
    expect(await database.stores.directory.findByPlatformId('acme', 'lark', 'ou_old')).toBeNull()
    expect([await desk.isAlive(session), await desk.isAlive(bob.session)]).toEqual([false, true])
  })

  describe('a test message', () => {
    it('is said by the bot, or written, in the person’s language, and answers with the platform’s own words', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob')
      await changePreferences(desk.deps, bob, { locale: 'ms' })
      expect(await testChannel(desk.deps, bob)).toEqual({ ok: true, code: '0', message: 'ok' })
      expect(desk.channel('lark').said.at(-1)).toMatchObject({
        to: 'ou_old',
        text: expect.stringContaining('mesej ujian'),
      })
      const admin = await desk.subject('bob', 'email', { actor: 'alice' })
      await desk.set(admin, { address: { email: 'bob@acme.test' } })
      expect(await testChannel(desk.deps, admin)).toEqual({ ok: true, code: 'OK', message: 'taken' })
      expect(desk.messenger('email').letters).toMatchObject([
        { content: { kind: 'test' }, address: { email: 'bob@acme.test' }, locale: 'ms', isOperators: false },
      ])
    })

    it('says verbatim why the platform refused', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await bindByCode(desk, 'bob')
      desk
        .channel('lark')
        .faults.push({ kind: 'refuse', error: new ChannelError('rejected', '230013', 'Bot has NO availability') })
      expect(await testChannel(desk.deps, bob)).toEqual({
        ok: false,
        code: '230013',
        message: 'Bot has NO availability',
      })
      await provision(database, 'carol')
      await database.db
        .updateTable('user_channels')
        .set({ address: '{"mobile":"+6598765432"}' })
        .where('uid', '=', 'carol')
        .execute()
      expect(await testChannel(desk.deps, await desk.subject('carol', 'lark'))).toMatchObject({
        ok: false,
        code: 'person_not_found',
      })
    })

    it('needs an address and a channel, and may be sent five times in ten minutes', async () => {
      await using database = await engine.open()
      await using desk = await openDesk(database)
      const bob = await desk.subject('bob', 'email', { actor: 'alice' })
      expect(await refusal(testChannel(desk.deps, bob))).toMatchObject({ code: 'not_found' })
      await desk.set(bob, { address: { email: 'bob@acme.test' } })
      for (let sent = 0; sent < 5; sent += 1) expect(await testChannel(desk.deps, bob)).toMatchObject({ ok: true })
      expect(await refusal(testChannel(desk.deps, bob))).toMatchObject({ code: 'too_many_requests' })
      desk.clock.now += 600_000
      expect(await testChannel(desk.deps, bob)).toMatchObject({ ok: true })
    })
  })

  it('language, time zone, quiet hours and the time of the summary are the person’s own, before what the tenant says', async () => {
    await using database = await engine.open()
    await using desk = await openDesk(database)
    const { db, stores } = database
    const given = { locale: 'ja', time_zone: 'Asia/Tokyo' }
    await db.updateTable('users').set(given).where('uid', '=', 'bob').execute()
    const bob = await desk.subject('bob', 'lark')
    const defaults = { locale: 'ja', timeZone: 'Asia/Tokyo' }
    expect(await viewSettings(desk.deps, bob)).toMatchObject({
      ...{ locale: null, timeZone: null, quietHours: null, digestAt: '09:00', defaults },
    })
    await changePreferences(desk.deps, bob, {
      locale: 'ar',
      quietHours: { from: '22:00', to: '07:00' },
      digestAt: '08:30',
    })
    await changePreferences(desk.deps, bob, { timeZone: 'Asia/Riyadh' })
    expect(await viewSettings(desk.deps, bob)).toMatchObject({
      ...{
        locale: 'ar',
        timeZone: 'Asia/Riyadh',
        quietHours: { from: '22:00', to: '07:00' },
        digestAt: '08:30',
        defaults,
      },
    })
    expect(await stores.directory.user('acme', 'bob')).toMatchObject({ locale: 'ar', timeZone: 'Asia/Riyadh' })
    // The provisioning file writes people at every start: their own choice stays.
    await db.updateTable('users').set(given).where('uid', '=', 'bob').execute()
    expect(await stores.directory.user('acme', 'bob')).toMatchObject({ locale: 'ar' })
    await changePreferences(desk.deps, bob, { locale: null, timeZone: null, quietHours: null })
    expect(await stores.directory.user('acme', 'bob')).toMatchObject({ locale: 'ja', timeZone: 'Asia/Tokyo' })
    expect((await desk.audit('bob')).map(({ action }) => action)).toEqual(
      Array.from({ length: 3 }, () => 'notification.preferences_changed'),
    )
  })
})
