import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { onEveryEngine } from '#server/db/_engines.ts'
import { submitTicket } from '#server/delivery/_world.ts'
import { allRows, apply, canaries, fullFile, testSealer } from './_files.ts'
import { exportProvisioning, exportProvisioningFile } from './export.ts'
import { parseProvisioningFile } from './read.ts'

onEveryEngine((engine) => {
  const sealer = testSealer(randomBytes(32))
  let now = 1_000
  beforeEach(() => {
    now += 1_000
  })

  describe('applying a provisioning file', () => {
    it('fills an empty database, and the stores read back what the file says', async () => {
      await using database = await engine.open({ sealer })
      const changes = await apply(database, fullFile, { sealer })
      expect(changes.map(({ tenantId, added }) => [tenantId, added.length])).toEqual([
        ['acme', 23],
        ['beta', 1],
      ])
      const { tenants, directory } = database.stores
      expect(await tenants.tenants()).toEqual([
        {
          id: 'acme',
          name: 'Acme',
          locale: 'en',
          timeZone: 'Asia/Singapore',
          allowSelfApproval: false,
          coverageReport: true,
        },
        { id: 'beta', name: 'Beta', locale: null, timeZone: null, allowSelfApproval: false, coverageReport: true },
      ])
      const lark = await tenants.channelByApp('lark', 'cli_1')
      expect(lark).toMatchObject({ tenantId: 'acme', name: 'lark', enabled: true, appId: 'cli_1' })
      expect(lark?.settings).toMatchObject({ appSecret: 'canary-lark-secret', openUrl: 'https://open.larksuite.com' })
      expect((await tenants.channels('acme')).map(({ name, enabled }) => [name, enabled])).toEqual([
        ['dingtalk', true],
        ['dingtalkRobot', true],
        ['email', true],
        ['feishu', false],
        ['lark', true],
        ['webhook', true],
      ])
      expect(await tenants.webhookSecret('acme', 'ci')).toBe('whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0')
      expect(await tenants.rule('acme', 'data_export', 'pending')).toEqual({
        module: 'data_export',
        event: 'pending',
        enabled: true,
        roles: [],
        channels: ['lark', 'email'],
        additionalUsers: ['carol'],
      })
      expect(await directory.user('acme', 'alice')).toMatchObject({ roles: ['admin', 'user'], disabled: false })
      expect((await directory.binding('acme', 'lark', 'alice'))?.address).toEqual({ email: 'alice@acme.test' })
      expect((await directory.binding('acme', 'sms', 'alice'))?.address).toEqual({ mobile: '+6591234567' })
    })

    it('gives each ticket the reminders of its template, else those of the tenant', async () => {
      await using database = await engine.open({ sealer })
      const withReminders = (own: string): string => `
tenants:
  - id: acme
    name: Acme
    reminders: [{ after: PT4H }, { after: PT8H, buzz: true }]
    users: [{ uid: alice, name: Alice }, { uid: bob, name: Bob }]
    approvalTemplates: [{ id: t, module: data_export${own}, nodes: [{ name: A, approvers: [alice] }] }]`
      await apply(database, withReminders(''), { sealer })
      const { directory } = database.stores
      const hour = 3_600_000
      const ladder = [
        { afterMs: 4 * hour, buzz: false },
        { afterMs: 8 * hour, buzz: true },
      ]
      expect(await directory.submissionRules('acme')).toEqual({ allowsSelfApproval: false, reminders: ladder })
      const remindersOf = async (): Promise<unknown> =>
        (await submitTicket(database.store, now, { nodes: undefined })).reminders
      expect(await remindersOf()).toEqual(ladder)
      expect(await apply(database, withReminders(''), { sealer })).toEqual([])
      await apply(database, withReminders(', reminders: []'), { sealer })
      expect(await remindersOf()).toEqual([])
      await apply(database, withReminders(', reminders: [{ after: P1D }]'), { sealer })
      expect(await remindersOf()).toEqual([{ afterMs: 24 * hour, buzz: false }])
      expect((await exportProvisioning(database.stores)).tenants).toMatchObject([
        {
          reminders: [
            { after: 'PT4H', buzz: false },
            { after: 'PT8H', buzz: true },
          ],
          approvalTemplates: [{ reminders: [{ after: 'P1D', buzz: false }] }],
        },
      ])
    })

    it('binds nobody by contact fields alone', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      for (const channel of ['lark', 'feishu', 'email', 'sms'] as const)
        expect(await database.stores.directory.binding('acme', channel, 'carol')).toBeNull()
    })

    it('leaves a channel that has left the file to the console, off and with its settings', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      await apply(database, 'tenants: [{ id: acme, name: Acme }]', { sealer })
      const larkRow = async () =>
        (await database.stores.settings.channelRows('acme')).find((row) => row.name === 'lark')
      const before = await larkRow()
      expect(before).toMatchObject({ enabled: 0, app_id: null, provisioned: 0 })
      expect(before?.settings).toContain('cli_')
      expect(await apply(database, 'tenants: [{ id: acme, name: Acme }]', { sealer })).toEqual([])
      await apply(database, fullFile, { sealer })
      expect(await larkRow()).toMatchObject({ enabled: 1, provisioned: 1 })
    })

    it('keeps every secret sealed', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      const stored = JSON.stringify(await allRows(database))
      for (const canary of canaries) expect(stored).not.toContain(canary)
    })

    it('a second time changes nothing at all', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer, now })
      const before = await allRows(database)
      expect(await apply(database, fullFile, { sealer, now: now + 5_000 })).toEqual([])
      expect(await allRows(database)).toEqual(before)
    })

    it('leaves its changes in the audit', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      await apply(database, fullFile.replace('[admin, user]', '[user]'), { sealer })
      const entries = await database.db.selectFrom('audit').selectAll().where('tenant_id', '=', 'acme').execute()
      expect(entries.map((entry) => entry.action)).toEqual(['provisioning.apply', 'provisioning.apply'])
      expect(entries[1]?.detail).toContain('user:alice')
      expect(await database.stores.audit.verify('acme')).toMatchObject({ ok: true })
    })

    it('changes nothing when it fails halfway', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      const before = await allRows(database)
      const failing = {
        ...sealer,
        seal: () => {
          throw new Error('no entropy')
        },
      }
      const changed = fullFile.replace('name: Alice', 'name: Alicia').replace('canary-encrypt', 'another')
      await expect(apply(database, changed, { sealer: failing })).rejects.toThrow('no entropy')
      expect(await allRows(database)).toEqual(before)
    })
  })

  describe('who is bound to another account, or to none any more', () => {
    it.each([
      ['another', 'lark: { email: alice@acme.test }', 'lark: { email: another@acme.test }'],
      ['none', 'lark: { email: alice@acme.test }, ', ''],
    ])('%s: sessions of the earlier account end', async (_which, bound, now) => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      const { sessions } = database.stores
      const session = { tenantId: 'acme', channel: 'lark', refreshHash: 'h', previousHash: null } as const
      const times = {
        rotatedAt: 1,
        createdAt: 1,
        expiresAt: 9e12,
        revokedAt: null,
        secondFactorAt: null,
        userAgent: null,
        platformUserId: null,
        way: null,
      }
      for (const uid of ['alice', 'bob']) await sessions.addSession({ ...session, ...times, id: uid, uid })
      await apply(database, fullFile.replace(bound, now), { sealer, now: 2_000 })
      expect((await sessions.session('alice'))?.revokedAt).toBe(2_000)
      expect((await sessions.session('bob'))?.revokedAt).toBeNull()
    })
  })

  describe('what the file no longer names', () => {
    it('is taken back: people and channels disabled, keys, templates, rules and bindings removed', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      const { tenants, directory, sessions } = database.stores
      const session = { tenantId: 'acme', id: 's1', uid: 'alice', channel: null, refreshHash: 'h', previousHash: null }
      await sessions.addSession({
        ...session,
        rotatedAt: 1,
        createdAt: 1,
        expiresAt: 9e12,
        revokedAt: null,
        secondFactorAt: null,
        userAgent: null,
        platformUserId: null,
        way: null,
      })

      const [changes] = await apply(database, 'tenants: [{ id: acme, name: Acme }]', { sealer })
      expect(changes?.removed).toEqual(
        expect.arrayContaining(['channel:lark', 'user:alice', 'binding:alice/lark', 'key:ci', 'template:first']),
      )
      const people = [...(await directory.users('acme', ['alice', 'bob', 'carol'])).values()]
      expect(people.map((user) => user.disabled)).toEqual([true, true, true])
      expect((await sessions.session('s1'))?.revokedAt).not.toBeNull()
      expect((await tenants.channels('acme')).filter((channel) => channel.enabled)).toEqual([])
      expect(await tenants.channelByApp('lark', 'cli_1')).toBeNull()
      expect(await tenants.templates('acme')).toEqual([])
      expect(await tenants.rule('acme', 'data_export', 'pending')).toBeNull()
      expect(await tenants.webhookSecret('acme', 'ci')).toBeNull()
      expect(await directory.binding('acme', 'lark', 'alice')).toBeNull()
    })

    it('comes back when it is named again', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      await apply(database, 'tenants: [{ id: beta, name: Beta }]', { sealer })
      expect((await database.stores.directory.user('acme', 'alice'))?.disabled).toBe(true)
      await apply(database, fullFile, { sealer })
      expect((await database.stores.directory.user('acme', 'alice'))?.disabled).toBe(false)
      expect(await database.stores.tenants.channelByApp('lark', 'cli_1')).toMatchObject({ enabled: true })
      expect(await apply(database, fullFile, { sealer })).toEqual([])
    })

    it('stays when it was not made by the file', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, 'tenants: [{ id: acme, name: Acme }]', { sealer })
      const manual = { tenant_id: 'acme', provisioned: 0 as const, updated_at: 1 }
      await database.store.run(async ({ settings }) => {
        const plain = { locale: null, time_zone: null, email: null, mobile: null, employee_id: null }
        await settings.putUsers([{ ...manual, ...plain, uid: 'zoe', name: 'Zoe', roles: '["user"]', disabled: 0 }])
        await settings.putBindings([{ ...manual, uid: 'zoe', channel: 'lark', address: '{"email":"z@acme.test"}' }])
        await settings.putChannels([
          { ...manual, name: 'lark', enabled: 1, app_id: 'cli_9', settings: '{}', secrets: '{}' },
        ])
      })
      expect(await apply(database, 'tenants: [{ id: acme, name: Acme }]', { sealer })).toEqual([])
      expect(await database.stores.directory.user('acme', 'zoe')).toMatchObject({ disabled: false })
      expect(await database.stores.tenants.channelByApp('lark', 'cli_9')).toMatchObject({ enabled: true })
    })
  })

  describe('an app', () => {
    const withApps = (acme: string, beta: string) =>
      `tenants: [{ id: acme, name: A, channels: { lark: { appId: ${acme}, appSecret: x } } }, { id: beta, name: B, channels: { lark: { appId: ${beta}, appSecret: y } } }]`

    it('may change hands between two tenants in one step', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, withApps('one', 'two'), { sealer })
      await apply(database, withApps('two', 'one'), { sealer })
      expect(await database.stores.tenants.channelByApp('lark', 'one')).toMatchObject({ tenantId: 'beta' })
    })

    it('that another tenant has by hand is refused by name, and nothing is changed', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, 'tenants: [{ id: acme, name: A }, { id: beta, name: B }]', { sealer })
      const row = { tenant_id: 'beta', name: 'lark', enabled: 1, app_id: 'one', settings: '{}', secrets: '{}' } as const
      await database.store.run(({ settings }) => settings.putChannels([{ ...row, provisioned: 0, updated_at: 1 }]))
      const before = await allRows(database)
      const file = 'tenants: [{ id: acme, name: A, channels: { lark: { appId: one, appSecret: x } } }]'
      await expect(apply(database, file, { sealer })).rejects.toThrow(
        'PROVISIONING_FILE: tenants.0.channels.lark is the app of a channel of another tenant',
      )
      expect(await allRows(database)).toEqual(before)
    })

    it('of DingTalk keeps the callback secret made for it, and another app gets another', async () => {
      await using database = await engine.open({ sealer })
      const secretOf = async (): Promise<unknown> =>
        Reflect.get(Object((await database.stores.tenants.channel('acme', 'dingtalk'))?.settings), 'callbackSecret')
      await apply(database, fullFile, { sealer })
      const first = await secretOf()
      expect(first).toMatch(/.{16,}/)
      await apply(database, fullFile.replace('robotCode: r', 'robotCode: q'), { sealer })
      expect(await secretOf()).toBe(first)
      await apply(database, fullFile.replace('dingkey', 'otherkey'), { sealer })
      expect(await secretOf()).not.toBe(first)
    })
  })

  it('keys may be exchanged, and a secret that was tampered with is mended by the file', async () => {
    await using database = await engine.open({ sealer })
    const withKeys = (one: string, two: string) =>
      `tenants: [{ id: acme, name: A, apiKeys: [{ name: one, key: ${one}, scopes: [tickets:read] }, { name: two, key: ${two}, scopes: [tickets:read], webhookSecret: whsec_c2VjcmV0LXNlY3JldA }] }]`
    await apply(database, withKeys('csk_11111111', 'csk_22222222'), { sealer })
    await apply(database, withKeys('csk_22222222', 'csk_11111111'), { sealer })
    await database.db.updateTable('api_keys').set({ webhook_secret: 'v1.broken' }).where('name', '=', 'two').execute()
    await expect(database.stores.tenants.webhookSecret('acme', 'two')).rejects.toThrow('not a sealed secret')
  })

  it('a thousand people are added in one go', async () => {
    await using database = await engine.open({ sealer })
    const users = Array.from({ length: 1_000 }, (_, n) => ({
      uid: `u${n}`,
      name: `Person ${n}`,
      channels: { lark: { email: `u${n}@acme.test` } },
    }))
    const text = JSON.stringify({ tenants: [{ id: 'acme', name: 'Acme', users }] })
    await apply(database, text, { sealer })
    expect(await apply(database, text, { sealer })).toEqual([])
    expect(await database.stores.directory.unresolved('acme', 'lark')).toHaveLength(1_000)
  })

  it('two instances that start at once apply it one after the other', async () => {
    await using database = await engine.open({ sealer })
    const second = await database.openAgain({ sealer })
    const [one, two] = await Promise.all([
      apply(database, fullFile, { sealer }),
      apply({ store: second }, fullFile, { sealer }),
    ])
    expect([one.length, two.length].sort()).toEqual([0, 2])
  })

  describe('the export', () => {
    it('has the shape of the file, and no secret', async () => {
      await using database = await engine.open({ sealer })
      await apply(database, fullFile, { sealer })
      const text = await database.store.run((tx) => exportProvisioningFile(tx))
      for (const canary of canaries) expect(text).not.toContain(canary)
      const exported = parse(text)
      expect(exported.tenants[0].users[0]).toEqual({
        uid: 'alice',
        name: 'Alice',
        roles: ['admin', 'user'],
        email: 'alice@acme.test',
        mobile: '+6591234567',
        channels: { dingtalkRobot: {}, email: true, lark: { email: 'alice@acme.test' }, sms: true },
      })
    })

    it('is accepted again where nothing secret was in the file', async () => {
      await using database = await engine.open({ sealer })
      const plain = `
tenants:
  - id: acme
    name: Acme
    allowSelfApproval: true
    coverageReport: false
    administratorsNeedSecondFactor: true
    users: [{ uid: a, name: A, mobile: "+6591234567", channels: { lark: { mobile: "+6591234567" }, sms: true } }]
    approvalTemplates: [{ id: t, module: m, nodes: [{ name: N, approvers: [a], rule: all }], expireAfter: PT2H }]
    notificationRules: [{ module: m, event: approved, enabled: false }]`
      await apply(database, plain, { sealer })
      const { secondFactors } = database.stores
      expect(await secondFactors.rule('acme')).toEqual({ administratorsNeed: true, provisioned: true })
      const exported = await exportProvisioning(database.stores)
      expect(parseProvisioningFile(JSON.stringify(exported))).toEqual(parseProvisioningFile(plain))
      // What the file no longer says, the console says again.
      await secondFactors.putRule('acme', false)
      await apply(database, plain.replace('administratorsNeedSecondFactor: true', ''), { sealer })
      expect(await secondFactors.rule('acme')).toEqual({ administratorsNeed: false, provisioned: false })
      // What was switched on in the console is written like what stands in a file.
      await secondFactors.putRule('acme', true)
      expect((await exportProvisioning(database.stores)).tenants).toMatchObject([
        { administratorsNeedSecondFactor: true },
      ])
    })
  })
})
