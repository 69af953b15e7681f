import { type Cache, Client } from '@larksuiteoapi/node-sdk'
import { describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkApp, larkSecret, type TestWorld } from '#sandbox/_world.ts'

const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} }

/** The SDK keeps tokens in one cache per process; every test brings its own. */
function createClient({ sandbox }: TestWorld): Client {
  const stored = new Map<unknown, unknown>()
  const cache: Cache = {
    get: async (key) => stored.get(key),
    set: async (key, value) => {
      stored.set(key, value)
      return true
    },
  }
  return new Client({ appId: larkApp, appSecret: larkSecret, domain: sandbox.baseUrl('lark'), logger: quiet, cache })
}

describe('the official SDK as a client', () => {
  it('logs in, finds a person, sends a card and changes it', async () => {
    await using world = await createTestWorld()
    const client = createClient(world)
    const found = await client.contact.v3.user.batchGetId({ data: { emails: ['alice@acme.example'] } })
    const openId = found.data?.user_list?.[0]?.user_id ?? ''
    const sent = await client.im.v1.message.create({
      params: { receive_id_type: 'open_id' },
      data: { receive_id: openId, msg_type: 'interactive', content: JSON.stringify(approvalCard()), uuid: 'u1' },
    })
    const messageId = sent.data?.message_id ?? ''
    const content = JSON.stringify(approvalCard('Approved'))
    expect(await client.im.v1.message.patch({ path: { message_id: messageId }, data: { content } })).toMatchObject({
      code: 0,
    })
    expect(world.sandbox.chat('alice')).toMatchObject([{ messageId, card: approvalCard('Approved') }])
    expect(world.sandbox.wire.filter(({ path }) => path.includes('/auth/'))).toHaveLength(1)
  })

  it('meets business errors as HTTP 400 with the code in the body', async () => {
    await using world = await createTestWorld()
    const client = createClient(world)
    const sending = client.im.v1.message.create({
      params: { receive_id_type: 'open_id' },
      data: { receive_id: 'ou_unknown', msg_type: 'text', content: '{"text":"x"}' },
    })
    await expect(sending).rejects.toMatchObject({ response: { status: 400, data: { code: 230034 } } })
  })

  it('asks for the delayed update and the doctor calls by plain requests', async () => {
    await using world = await createTestWorld()
    const client = createClient(world)
    const get = (url: string) => client.request({ method: 'GET', url })
    expect(await get('/open-apis/bot/v3/info')).toMatchObject({ bot: { activate_status: 2, app_name: 'Countersign' } })
    expect(await get('/open-apis/event/v1/connection')).toMatchObject({ data: { online_instance_cnt: 0 } })
    expect(await get('/open-apis/application/v6/scopes')).toMatchObject({ code: 0 })
    const me = await get('/open-apis/application/v6/applications/me?lang=en_us')
    expect(me).toMatchObject({ data: { app: { callback_info: { subscribed_callbacks: ['card.action.trigger'] } } } })
  })
})
