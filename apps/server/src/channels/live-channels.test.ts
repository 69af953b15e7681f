import type { ChannelName } from '@countersign/contracts'
import { expect, it } from 'vitest'
import type { ChannelRecord, TenantStore } from '#server/db/stores.ts'
import { createLog } from '#server/log.ts'
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
    log: createLog({ level: 'trace', destination: { write: (line) => void reported.push(line) } }),
  })
  expect(await channels.all()).toEqual([])
  expect(opened).toEqual(['lark'])
  expect(reported).toEqual([])
})
