import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'

const call = (at: number, body: string, more: object = {}) => ({
  ...{ tenantId: 'acme', webhookId: 'w1', at, host: 'hooks.example', code: '500', tookMs: 12 },
  ...{ bodyDigest: `digest of ${body}`, body, ...more },
})

onEveryEngine((engine) => {
  it('keeps each call, a body once however often it is sent, of one tenant only, and forgets in time', async () => {
    await using database = await engine.open()
    const { webhookCalls } = database.stores
    await webhookCalls.note(call(1_000, '{"a":1}'))
    await webhookCalls.note(call(2_000, '{"a":1}', { code: '204' }))
    await webhookCalls.note(call(3_000, '{"a":2}'))
    await webhookCalls.note(call(3_000, '{"b":1}', { webhookId: 'w2' }))
    await webhookCalls.note(call(3_000, '{"b":1}', { tenantId: 'beta' }))
    const calls = await webhookCalls.callsOf('acme', ['w1', 'w2', 'w3'])
    expect([...calls].map(([id, own]) => [id, own.map(({ at, code }) => [at, code])])).toEqual([
      [
        'w1',
        [
          [1_000, '500'],
          [2_000, '204'],
          [3_000, '500'],
        ],
      ],
      ['w2', [[3_000, '500']]],
    ])
    expect(calls.get('w1')?.[0]).toMatchObject({ host: 'hooks.example', tookMs: 12, bodyDigest: 'digest of {"a":1}' })
    expect((await webhookCalls.bodiesOf('acme', 'w1')).map(({ body }) => body).sort()).toEqual(['{"a":1}', '{"a":2}'])
    await webhookCalls.forgetBefore(2_500)
    expect((await webhookCalls.callsOf('acme', ['w1'])).get('w1')).toMatchObject([{ at: 3_000 }])
    expect((await webhookCalls.bodiesOf('acme', 'w1')).map(({ body }) => body)).toEqual(['{"a":2}'])
    // What is noted after some was forgotten comes after what is left.
    await webhookCalls.note(call(4_000, '{"a":2}', { code: '200' }))
    expect((await webhookCalls.callsOf('acme', ['w1'])).get('w1')?.map(({ code }) => code)).toEqual(['500', '200'])
    expect(await webhookCalls.bodiesOf('beta', 'w1')).toHaveLength(1)
  })
})
