import { expect, it } from 'vitest'
import type { Channel } from '#server/channels/channel.ts'
import { onSqlite } from '#server/db/_engines.ts'
import { createWitness } from './witness.ts'

const channel = { tenantId: 'acme', name: 'lark', appId: 'cli_1' } as Channel
const app = { tenantId: 'acme', channel: 'lark', appId: 'cli_1' } as const

onSqlite((engine) => {
  it('writes the last of each kind, once for many', async () => {
    await using database = await engine.open()
    let at = 0
    const now = (): number => {
      at += 1
      return at
    }
    const witness = createWitness({ store: database.store, log: { warn: () => undefined }, now })
    for (let n = 0; n < 100; n += 1) witness.saw(channel, 'http', 'action')
    witness.saw(channel, 'http', 'refused:bad_signature')
    await witness[Symbol.asyncDispose]()
    expect(await database.stores.sightings.of(app)).toEqual([
      { way: 'http', kind: 'refused:bad_signature', at: 101 },
      { way: 'http', kind: 'action', at: 100 },
    ])
  })

  it('keeps what the database did not take, and complains', async () => {
    await using database = await engine.open()
    const complaints: string[] = []
    let isDown = true
    const store = {
      ...database.store,
      run: (work: Parameters<typeof database.store.run>[0]) =>
        isDown ? Promise.reject(new Error('down')) : database.store.run(work),
    } as typeof database.store
    const log = { warn: (_fields: object, message: string) => void complaints.push(message) }
    const witness = createWitness({ store, log: log as never, now: () => 7 })
    witness.saw(channel, 'connection', 'message')
    await witness.flush()
    expect(complaints).toHaveLength(1)
    isDown = false
    await witness.flush()
    expect(await database.stores.sightings.of(app)).toEqual([{ way: 'connection', kind: 'message', at: 7 }])
    await witness[Symbol.asyncDispose]()
  })
})
