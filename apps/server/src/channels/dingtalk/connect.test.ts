import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cardModel } from '../_card-model.ts'
import { appKey, appSecret, cardBody, paramsOf } from './_callback.ts'
import { type FakePlatform, startFakePlatform } from './_fake-platform.ts'
import { openStandard } from './_open.ts'
import type { PushedInbound } from './parse.ts'
import { Gateway } from './stream/_gateway.ts'
import { CARD_TOPIC } from './stream/frames.ts'

let platform: FakePlatform
let gateway: Gateway
beforeEach(async () => {
  platform = await startFakePlatform()
  gateway = await Gateway.start()
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

describe('a channel without a public address', () => {
  it('opens a connection of its app, and takes taps over it', async () => {
    const channel = openStandard(platform, { connection: 'stream', apiUrl: gateway.url, callbackSecret: undefined })
    expect(channel.takesActions).toBe(true)
    const received: PushedInbound[] = []
    const errors: unknown[] = []
    const connection = channel.connect?.({
      receive: async (inbound) => {
        received.push(inbound)
        return { userPrivateData: { cardParamMap: {} } }
      },
      changed: () => undefined,
      failed: (error) => void errors.push(error),
    })
    await gateway.connections(1)
    expect(gateway.opened[0]).toMatchObject({ clientId: appKey, clientSecret: appSecret })
    const { approve } = cardModel()
    const data = cardBody('alice', paramsOf(approve, 'alice'))
    const ack = await gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC, data })
    expect(ack).toMatchObject({ code: 200, data: '{"response":{"userPrivateData":{"cardParamMap":{}}}}' })
    expect(received).toMatchObject([{ kind: 'action', eventId: 'message-1', platformUserId: 'alice', button: approve }])
    expect(await gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC, data: { nonsense: true } })).toMatchObject({
      code: 400,
    })
    expect(errors).toMatchObject([{ name: 'CallbackRefused', kind: 'malformed' }])
    await connection?.[Symbol.asyncDispose]()
    expect(connection?.state.status).toBe('down')
  })

  it('is one that chose to: all others have callbacks', () => {
    expect(openStandard(platform)).not.toHaveProperty('connect')
  })
})
