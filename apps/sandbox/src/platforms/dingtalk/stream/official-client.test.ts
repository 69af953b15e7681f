import axios from 'axios'
import { DWClient, type DWClientDownStream, EventAck, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createDingtalkWorld,
  type DingtalkWorld,
  standardApp,
  standardSecret,
} from '#sandbox/platforms/dingtalk/_world.ts'

const clients: DWClient[] = []
let redirection: number | undefined

/** The official client: its addresses are constants, so its calls are led to the sandbox on their way out. */
async function connect(world: DingtalkWorld, prepare: (client: DWClient) => void = () => {}): Promise<DWClient> {
  redirection ??= axios.interceptors.request.use((config) => ({
    ...config,
    url: config.url?.replace('https://api.dingtalk.com', world.sandbox.dingtalk.apiUrl) ?? '',
  }))
  vi.spyOn(console, 'info').mockImplementation(() => {})
  const client = new DWClient({ clientId: standardApp, clientSecret: standardSecret })
  clients.push(client)
  prepare(client)
  await client.connect()
  await world.sandbox.waitFor(({ dingtalk }) => dingtalk.connections(standardApp).length >= clients.length)
  return client
}

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect()
  if (redirection !== undefined) axios.interceptors.request.eject(redirection)
  redirection = undefined
  vi.restoreAllMocks()
})

describe('the official Stream client', () => {
  it('connects, answers pings and takes the click of a card', async () => {
    await using world = await createDingtalkWorld()
    const clicks: DWClientDownStream[] = []
    await connect(world, (client) => {
      client.registerCallbackListener(TOPIC_CARD, (frame) => {
        clicks.push(frame)
        const userPrivateData = { cardParamMap: { canDecide: 'false' } }
        client.socketCallBackResponse(frame.headers.messageId, {
          cardUpdateOptions: { updatePrivateDataByKey: true },
          userPrivateData,
        })
      })
    })
    expect(await world.sandbox.dingtalk.ping(standardApp)).toBe(true)
    await world.sendCard(['wang'], { callbackType: 'STREAM' })
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, '同意')
    expect(result).toMatchObject({ outcome: 'answered', status: 200, toast: { text: '已同意' } })
    expect(world.cardOf('wang').params.canDecide).toBe('false')
    const { userId } = world.sandbox.person('wang')
    const click = JSON.parse(clicks[0]?.data ?? '') as { content: string; value: string }
    expect(click).toMatchObject({ outTrackId: 'ticket-42', userId, userIdType: 1, spaceType: 'im', extension: '{}' })
    expect(click.value).toBe(click.content)
    expect(JSON.parse(click.content)).toMatchObject({ cardPrivateData: { params: { action: 'approve' } } })
  })

  it('takes what people write to the robot and answers in the conversation', async () => {
    await using world = await createDingtalkWorld()
    world.sandbox.dingtalk.configureApp(standardApp, { robotMode: 'stream' })
    await connect(world, (client) => {
      client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
        const { sessionWebhook, text } = JSON.parse(frame.data) as { sessionWebhook: string; text: { content: string } }
        await axios.post(sessionWebhook, { msgtype: 'text', text: { content: `You said ${text.content}` } })
        client.socketCallBackResponse(frame.headers.messageId, null)
      })
    })
    expect(await world.sandbox.say('wang', '待办')).toMatchObject({ event: { state: 'delivered' } })
    const [own, answer] = world.sandbox.chat('wang')
    expect(own).toMatchObject({ from: 'person' })
    expect(answer).toMatchObject({ from: 'bot', content: '{"text":"You said 待办"}' })
  })

  it('hears what is said to the robot in a group, and answers there', async () => {
    await using world = await createDingtalkWorld()
    world.sandbox.dingtalk.configureApp(standardApp, { robotMode: 'stream' })
    const heard: Record<string, unknown>[] = []
    await connect(world, (client) => {
      client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
        const message = JSON.parse(frame.data) as { sessionWebhook: string; senderStaffId: string }
        heard.push({ ...message })
        const at = { atUserIds: [message.senderStaffId] }
        await axios.post(message.sessionWebhook, { msgtype: 'text', text: { content: 'see your own chat' }, at })
        client.socketCallBackResponse(frame.headers.messageId, null)
      })
    })
    await world.sandbox.say('wang', '待办', { group: 'db-changes' })
    expect(heard).toMatchObject([
      { conversationType: '2', conversationTitle: '数据库变更群', isInAtList: true, text: { content: ' 待办' } },
    ])
    expect(world.sandbox.groups.messages('db-changes')).toMatchObject([
      { from: { kind: 'person', personId: 'wang' } },
      { from: { kind: 'app' }, mentions: { personIds: ['wang'] } },
    ])
  })

  it('gets a robot message again that it has not acknowledged, with the same ids', async () => {
    await using world = await createDingtalkWorld()
    world.sandbox.dingtalk.configureApp(standardApp, { robotMode: 'stream' })
    const seen: DWClientDownStream[] = []
    await connect(world, (client) => {
      client.registerCallbackListener(TOPIC_ROBOT, (frame) => {
        seen.push(frame)
        // Only the second delivery is acknowledged; the first ends with the connection.
        if (seen.length === 2) client.socketCallBackResponse(frame.headers.messageId, null)
        else world.sandbox.dingtalk.cut(standardApp)
      })
    })
    const { event } = await world.sandbox.say('wang', 'approve 1042')
    expect(event.state).toBe('retrying')
    await world.sandbox.waitFor(({ dingtalk }) => dingtalk.connections(standardApp).length === 1)
    await world.sandbox.advance(60_000)
    expect(event.state).toBe('delivered')
    expect(seen).toHaveLength(2)
    expect(seen[1]?.headers.messageId).toBe(seen[0]?.headers.messageId)
    expect(seen[1]?.data).toBe(seen[0]?.data)
  })

  it('gets events until it says SUCCESS', async () => {
    await using world = await createDingtalkWorld()
    const answers = [EventAck.LATER, EventAck.SUCCESS]
    const seen: string[] = []
    await connect(world, (client) => {
      client.registerAllEventListener(({ headers }) => {
        seen.push(headers.eventType ?? '')
        return { status: answers.shift() ?? EventAck.SUCCESS }
      })
    })
    const event = await world.sandbox.dingtalk.pushEvent(standardApp, 'user_leave_org', { userId: ['01'] })
    expect(event.state).toBe('retrying')
    await world.sandbox.advance(10_000)
    expect(event).toMatchObject({ state: 'delivered', attempts: [{ code: 200 }, { code: 200 }] })
    expect(seen).toEqual(['user_leave_org', 'user_leave_org'])
  })
})
