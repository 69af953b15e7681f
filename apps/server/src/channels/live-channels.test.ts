import type { ChannelName } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import type { ChannelRecord, TenantStore } from '#server/db/stores.ts'
import { createLog } from '#server/log.ts'
import { apply, fullFile, testSealer } from '#server/provisioning/_files.ts'
import type { Channel } from './channel.ts'
import { createLiveChannels } from './live-channels.ts'

it('a tenant’s web hooks and mails are no cards to open, and nothing to report', async () => {
  const record = (name: ChannelName): ChannelRecord => ({
    tenantId: 'acme',
    name,
    enabled: true,
    appId: null,
    settings: {},
    updatedAt: 1,
  })
  const opened: string[] = []
  const reported: string[] = []
  const channels = createLiveChannels({
    tenants: {
      tenants: async () => [{ id: 'acme' }],
      channels: async () => [record('webhook'), record('lark')],
    } as unknown as TenantStore,
    create: ({ name }) => {
      opened.push(name)
      return null
    },
    isRegistered: (name): name is ChannelName => name === 'lark',
    called: () => [],
    log: createLog({ level: 'trace', destination: { write: (line) => void reported.push(line) } }),
  })
  expect(await channels.all()).toEqual([])
  expect(opened).toEqual(['lark'])
  expect(reported).toEqual([])
})

onEveryEngine((engine) => {
  it('a channel whose secrets were tampered with is off, and says so; the others go on', async () => {
    const sealer = testSealer()
    await using database = await engine.open({ sealer })
    const file = fullFile.replace('feishu: { enabled: false,', 'feishu: {')
    await apply(database, file, { sealer })
    const { secrets } = await database.db
      .selectFrom('channels')
      .select('secrets')
      .where('name', '=', 'lark')
      .executeTakeFirstOrThrow()
    await database.db.updateTable('channels').set({ secrets }).where('name', '=', 'feishu').execute()
    const reported: string[] = []
    const channels = createLiveChannels({
      tenants: database.stores.tenants,
      create: (record) => ({ name: record.name, settings: record.settings }) as unknown as Channel,
      isRegistered: (name): name is ChannelName => name === 'lark' || name === 'feishu',
      called: () => ['lark'],
      log: createLog({ level: 'error', destination: { write: (line) => void reported.push(line) } }),
    })
    expect((await channels.all()).map(({ name }) => name)).toEqual(['lark'])
    expect(await channels.get('acme', 'feishu')).toBeNull()
    expect(await channels.byApp('feishu', 'cli_2')).toBeNull()
    expect(await channels.byApp('lark', 'cli_1')).toMatchObject({ name: 'lark' })
    expect(reported.join()).toContain('channel settings cannot be used')
  })

  it('the channels that connect are found at once, as those that cards go out through', async () => {
    const sealer = testSealer()
    await using database = await engine.open({ sealer })
    const opened = (settings: unknown): boolean => JSON.stringify(settings).includes('long-connection')
    const channels = createLiveChannels({
      tenants: database.stores.tenants,
      create: ({ name, settings }) =>
        ({ name, ...(opened(settings) && { connect: () => ({}) }) }) as unknown as Channel,
      isRegistered: (name): name is ChannelName => name === 'lark' || name === 'feishu',
      called: () => [],
      log: createLog({ level: 'fatal' }),
    })
    await apply(database, fullFile, { sealer })
    expect(await channels.connecting()).toEqual([])
    await apply(database, fullFile.replaceAll('appId: cli_', 'connection: long-connection, appId: cli_'), { sealer })
    const [lark, ...others] = await channels.connecting()
    expect([lark?.name, others]).toEqual(['lark', []])
    expect(lark).toBe((await channels.all())[0])
  })
})
