import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dingtalkApps, startWorld, type World } from '../_world.ts'

/* DingTalk signs the time and nothing else, so the button's own proof is what stands between a forgery and a decision. */

const { appKey, corpId } = dingtalkApps.dingtalk
const routeKey = `countersign-${appKey}`

let world: World
beforeAll(async () => {
  world = await startWorld({ dingtalk: 'http' })
  await vi.waitFor(() => expect(world.sandbox.dingtalk.callbackRoute(appKey, routeKey)).toBeDefined(), 10_000)
})
afterAll(() => world[Symbol.asyncDispose]())

type Params = Record<string, string>

/** A ticket, the parameters of Grace's Approve button, and the name of the card. */
async function asked(): Promise<{ id: string; params: Params; outTrackId: string }> {
  const { id } = await world.api.submit({ nodes: [{ name: 'Owners', approvers: ['grace', 'wang'] }] })
  await world.drain()
  const message = world.sandbox.chat('grace').findLast(({ card }) => card !== undefined)
  if (message === undefined) throw new Error('there is no card')
  const params = approveIn(world.sandbox.dingtalk.draw(message.messageId))
  if (params === undefined) throw new Error('the card has no button')
  return { id, params, outTrackId: outTrackIdIn(message.card) }
}

function approveIn(node: unknown): Params | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if ('action' in node && node.action === 'approve' && 'proof' in node) return node as Params
  for (const child of Object.values(node)) {
    const found = approveIn(child)
    if (found !== undefined) return found
  }
  return undefined
}

function outTrackIdIn(card: unknown): string {
  const found = /"outTrackId":"([^"]+)"/.exec(JSON.stringify(card))?.[1]
  if (found === undefined) throw new Error('the card has no name')
  return found
}

const bodyOf = (outTrackId: string, params: Params, more: object = {}) => ({
  ...{ type: 'actionCallback', outTrackId, corpId, userId: userIdOf('grace'), userIdType: 1, ...more },
  content: JSON.stringify({ cardPrivateData: { actionIds: ['approve'], params } }),
})
const userIdOf = (person: string): string => world.sandbox.person(person).userId

async function post(body: object, wrong: Parameters<World['sandbox']['dingtalk']['signedCardCallback']>[3] = {}) {
  const signed = world.sandbox.dingtalk.signedCardCallback(appKey, routeKey, body as never, wrong)
  return send(signed.headers, signed.body)
}

async function send(headers: Record<string, string>, body: string, part = 'card', app: string = appKey) {
  const url = `${world.url}/callbacks/dingtalk/${app}/${part}`
  const response = await fetch(url, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}
const statusOf = async (id: string): Promise<string> => (await world.api.get(id)).status

describe('a tap that is what it says', () => {
  it('decides, and said again is answered as decided already', async () => {
    const { id, params, outTrackId } = await asked()
    expect((await post(bodyOf(outTrackId, params))).status).toBe(200)
    expect(await statusOf(id)).toBe('approved')
    const again = await post(bodyOf(outTrackId, params))
    expect(again.status).toBe(200)
    const { history } = await world.api.get(id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })
})

describe('a forgery', () => {
  it.each([
    ['signed with another secret', { secret: 'another-secret-of-somebody' }],
    ['with a signature of nothing', { signature: 'AAAA' }],
    ['two hours old', { timestamp: String(Date.now() - 7_200_000) }],
    ['two hours ahead', { timestamp: String(Date.now() + 7_200_000) }],
    ['of no time', { timestamp: 'now' }],
  ])('%s gets 401 and decides nothing', async (_how, wrong) => {
    const { id, params, outTrackId } = await asked()
    expect((await post(bodyOf(outTrackId, params), wrong)).status).toBe(401)
    expect(await statusOf(id)).toBe('pending')
  })

  it('unsigned gets 401, at an address nobody has 404, cut off or too deep 400', async () => {
    const { id, params, outTrackId } = await asked()
    const body = JSON.stringify(bodyOf(outTrackId, params))
    const json = { 'content-type': 'application/json' }
    expect((await send(json, body)).status).toBe(401)
    expect((await send(json, body, 'card', 'dingnobody')).status).toBe(404)
    expect((await send(json, body, 'stream')).status).toBe(404)
    const { headers } = world.sandbox.dingtalk.signedCardCallback(appKey, routeKey, {})
    expect((await send(headers, body.slice(0, 80))).status).toBe(400)
    expect((await send(headers, `${'['.repeat(5_000)}${']'.repeat(5_000)}`)).status).toBe(400)
    expect((await send(headers, 'x'.repeat(1_000_000))).status).toBe(413)
    expect(await statusOf(id)).toBe('pending')
  })

  it.each([
    ['another person', { userId: 'manager-of-nothing' }, {}],
    ['an approver whose button it is not', { userId: 'wang' }, {}],
    ['a member of another organisation', { corpId: 'dingsomebodyelse0001' }, {}],
    ['a proof of nothing', {}, { proof: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['another node', {}, { node: '1' }],
    ['another content', {}, { contentHash: 'sha256-of-something-else' }],
    ['the other action', {}, { action: 'reject' }],
    ['another ticket', {}, { ticketId: '01890000-0000-7000-8000-000000000000' }],
  ])('well signed, of %s, is answered and decides nothing', async (_how, more, changed) => {
    const { id, params, outTrackId } = await asked()
    const userId = 'userId' in more && more.userId === 'wang' ? { userId: userIdOf('wang') } : {}
    const answer = await post(bodyOf(outTrackId, { ...params, ...changed }, { ...more, ...userId }))
    expect(answer.status).toBe(200)
    expect(await statusOf(id)).toBe('pending')
  })

  it('of a message to the robot decides nothing', async () => {
    const { id } = await asked()
    const { number } = await world.api.get(id)
    const text = { content: `approve ${number}` }
    const body = {
      ...{ msgtype: 'text', text, msgId: 'forged-1', conversationType: '1', senderStaffId: userIdOf('grace') },
      ...{ chatbotCorpId: corpId, senderCorpId: corpId, conversationId: 'c', createAt: Date.now() },
    }
    const wrong = { secret: 'another-secret' }
    const signed = world.sandbox.dingtalk.signedRobotMessage(appKey, body, wrong)
    expect((await send(signed.headers, signed.body, 'robot')).status).toBe(401)
    expect(await statusOf(id)).toBe('pending')
  })
})
