import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import type { InboundCallback } from './stores.ts'

const callback: InboundCallback = { tenantId: 'acme', channel: 'lark', eventId: 'e1', signatureHash: 's1' }
const redelivered = { ...callback, signatureHash: 's2' }

onEveryEngine((engine) => {
  it('tells a new callback from a replay and from a re-delivery, and repeats the first answer', async () => {
    await using database = await engine.open()
    const { callbacks } = database.stores
    expect(await callbacks.seen(callback)).toEqual({ kind: 'new' })
    await callbacks.remember(callback, { toast: { type: 'success' } }, 1_000)
    expect(await callbacks.seen(callback)).toEqual({ kind: 'replay' })
    const again = { kind: 'redelivery', outcome: { toast: { type: 'success' } } }
    expect(await callbacks.seen(redelivered)).toEqual(again)
    await callbacks.remember(redelivered, { other: true }, 2_000)
    expect(await callbacks.seen(redelivered)).toEqual({ kind: 'replay' })
    expect(await callbacks.seen({ ...callback, signatureHash: 's3' })).toEqual(again)
  })

  it('knows an event only on its own channel and tenant', async () => {
    await using database = await engine.open()
    const { callbacks } = database.stores
    await callbacks.remember(callback, null, 1_000)
    expect(await callbacks.seen({ ...callback, tenantId: 'beta' })).toEqual({ kind: 'new' })
    expect(await callbacks.seen({ ...callback, channel: 'feishu' })).toEqual({ kind: 'new' })
    expect(await callbacks.seen({ ...callback, eventId: 'e2' })).toEqual({ kind: 'new' })
    expect(await callbacks.seen(redelivered)).toEqual({ kind: 'redelivery', outcome: null })
  })

  it('handles one of ten deliveries of an event that come at once, and gives the others its answer', async () => {
    await using database = await engine.open()
    let handled = 0
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        database.store.run(async (tx) => {
          const each = { ...callback, signatureHash: `s${n}` }
          const seen = await tx.callbacks.seen(each)
          const answer = seen.kind === 'redelivery' ? seen.outcome : { n }
          if (seen.kind === 'new') handled += 1
          await tx.callbacks.remember(each, answer, 1_000 + (seen.kind === 'new' ? 0 : 1))
          return answer
        }),
      ),
    )
    expect(handled).toBe(1)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('accepts one of ten exact copies that come at once', async () => {
    await using database = await engine.open()
    const kinds = await Promise.all(
      Array.from({ length: 10 }, () =>
        database.store.run(async (tx) => {
          const seen = await tx.callbacks.seen(callback)
          if (seen.kind === 'new') await tx.callbacks.remember(callback, {}, 1_000)
          return seen.kind
        }),
      ),
    )
    expect(kinds.toSorted()).toEqual(['new', ...Array.from({ length: 9 }, () => 'replay')])
  })

  it('forgets old callbacks and no others', async () => {
    await using database = await engine.open()
    const { callbacks } = database.stores
    await callbacks.remember(callback, {}, 1_000)
    await callbacks.remember({ ...callback, eventId: 'e2' }, {}, 2_000)
    expect(await callbacks.forgetBefore(2_000)).toBe(1)
    expect(await callbacks.seen(callback)).toEqual({ kind: 'new' })
    expect(await callbacks.seen({ ...callback, eventId: 'e2' })).toEqual({ kind: 'replay' })
  })

  it('forgets however many there are', async () => {
    await using database = await engine.open()
    await database.store.run(async (tx) => {
      for (let n = 0; n < 2_500; n += 1) await tx.callbacks.remember({ ...callback, eventId: `e${n}` }, {}, n)
    })
    expect(await database.stores.callbacks.forgetBefore(2_400)).toBe(2_400)
    expect(await database.stores.callbacks.forgetBefore(2_400)).toBe(0)
    expect(await database.stores.callbacks.forgetBefore(9_999)).toBe(100)
  }, 30_000)
})
