import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import type { SeenApp } from './sighting-store.ts'

const app: SeenApp = { tenantId: 'acme', channel: 'lark', appId: 'cli_1' }

onEveryEngine((engine) => {
  it('keeps the last of each kind and way, newest first, and never goes back', async () => {
    await using database = await engine.open()
    const { sightings } = database.stores
    await sightings.note(app, { way: 'http', kind: 'action', at: 2_000 })
    await sightings.note(app, { way: 'http', kind: 'action', at: 1_000 })
    await sightings.note(app, { way: 'http', kind: 'refused:stale', at: 1_000 })
    await sightings.note(app, { way: 'http', kind: 'refused:stale', at: 3_000 })
    await sightings.note(app, { way: 'connection', kind: 'action', at: 1_500 })
    expect(await sightings.of(app)).toEqual([
      { way: 'http', kind: 'refused:stale', at: 3_000 },
      { way: 'http', kind: 'action', at: 2_000 },
      { way: 'connection', kind: 'action', at: 1_500 },
    ])
  })

  it('knows them of one tenant, channel and app only', async () => {
    await using database = await engine.open()
    const { sightings } = database.stores
    await sightings.note(app, { way: 'http', kind: 'action', at: 1_000 })
    for (const other of [{ tenantId: 'beta' }, { channel: 'feishu' as const }, { appId: 'cli_2' }]) {
      expect(await sightings.of({ ...app, ...other })).toEqual([])
    }
  })
})
