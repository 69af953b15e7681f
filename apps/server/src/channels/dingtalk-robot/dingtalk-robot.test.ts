import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf, letterOf, noticeOf } from '#server/channels/_letter.ts'
import { type Receiver, startReceiver } from '#server/channels/_receiver.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { createEgress } from '#server/net/egress.ts'
import { createDingtalkRobot } from './index.ts'

/* What is DingTalk's own. The rest stands in messenger.contract.ts. */

const now = Date.parse('2026-11-02T09:00:00Z')
const egress = {
  open: createEgress({ allowPrivateNetworks: true }),
  publicOnly: createEgress({ allowPrivateNetworks: false }),
}
let robot: Receiver
beforeAll(async () => {
  robot = await startReceiver(() => ({ status: 200, body: '{"errcode":0,"errmsg":"ok"}' }))
})
afterAll(() => robot[Symbol.asyncDispose]())

const open = (settings: Record<string, unknown> = {}): Messenger =>
  createDingtalkRobot({ tenantId: 'acme', settings }, { now: () => now, egress })
const addressOf = (more: Record<string, string> = {}) => ({
  url: `${robot.url}/robot/send?access_token=abcdef`,
  ...more,
})
const last = () => robot.received.at(-1) ?? expect.fail('nothing was sent')

async function answered(errcode: number, errmsg = 'no'): Promise<unknown> {
  robot.answers.push({ status: 200, body: JSON.stringify({ errcode, errmsg }) })
  const messenger = open()
  return messenger.send(await letterOf(messenger, addressOf())).catch((error: unknown) => error)
}

describe('a DingTalk group robot', () => {
  it.each(['DMS', 'DMS数据管理'])(
    'takes our messages whose keyword is %s, unless the tenant chose another',
    async (keyword) => {
      const messenger = open()
      await messenger.send(await letterOf(messenger, addressOf()))
      const { actionCard } = JSON.parse(last().body)
      expect(actionCard.title).toBe('【DMS数据管理】#1042 Export orders of the third quarter: your decision is needed')
      expect(actionCard.title).toContain(keyword)
      expect(actionCard.text).toContain(keyword)
      expect(actionCard).toMatchObject({
        singleTitle: 'Review',
        singleURL: expect.stringMatching(/^https:\/\/approve/),
      })
    },
  )

  it('says the keyword that the tenant chose', async () => {
    const messenger = open({ keyword: '审批', messageType: 'markdown' })
    await messenger.send(await letterOf(messenger, addressOf(), bundleOf(3)))
    const { msgtype, markdown } = JSON.parse(last().body)
    expect(msgtype).toBe('markdown')
    expect(markdown.title).toBe('【审批】3 notices about tickets')
    expect(markdown.text).toContain('[Open my tickets](https://approve.example.com/console/mobile/index/?t=acme)')
  })

  it('is signed for where it has a secret, at the time of the call', async () => {
    const messenger = open()
    const secret = 'SEC0123456789abcdef'
    await messenger.send(await letterOf(messenger, addressOf({ secret })))
    const query = new URL(last().path, robot.url).searchParams
    const sign = createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64')
    expect(Object.fromEntries(query)).toEqual({ access_token: 'abcdef', timestamp: String(now), sign })
    await messenger.send(await letterOf(messenger, addressOf()))
    expect(last().path).toBe('/robot/send?access_token=abcdef')
  })

  it('keeps one key over the tries of a message', async () => {
    const messenger = open()
    const letter = await letterOf(messenger, addressOf())
    for (let n = 0; n < 2; n += 1) await messenger.send(letter)
    const keys = robot.received.slice(-2).map(({ body }) => JSON.parse(body).msgUuid)
    expect(keys).toEqual([letter.idempotencyKey, letter.idempotencyKey])
    expect(letter.idempotencyKey.length).toBeLessThanOrEqual(50)
  })

  it.each([410100, 130101])('that was too fast is left alone for ten minutes, and only that one (%s)', async (code) => {
    expect(await answered(code)).toMatchObject({
      ...{ kind: 'rate_limited', code: String(code), retryAfterMs: 600_000, scope: 'receiver' },
    })
  })

  it.each([
    [310000, 'auth'],
    [400102, 'auth'],
    [400101, 'rejected'],
    [400105, 'rejected'],
    [40035, 'rejected'],
    [43004, 'rejected'],
    [430101, 'rejected'],
    [430104, 'rejected'],
    [460101, 'rejected'],
    [400106, 'gone'],
    [400013, 'gone'],
    [-1, 'retry'],
    [999999, 'retry'],
  ])('keeps the code %s and knows what it means: %s', async (code, kind) => {
    expect(await answered(code, 'keywords not in content')).toMatchObject({
      ...{ kind, code: String(code), message: 'keywords not in content', outcomeUnknown: false },
    })
  })

  it('tells an error page of something in between from an answer of the platform', async () => {
    const messenger = open()
    for (const [status, body, unknown] of [
      [502, '<html>bad gateway</html>', true],
      [403, '<html>forbidden</html>', false],
      [200, '<html>welcome</html>', true],
    ] as const) {
      robot.answers.push({ status, body })
      const error: unknown = await messenger
        .send(await letterOf(messenger, addressOf()))
        .catch((thrown: unknown) => thrown)
      expect(error, body).toMatchObject({ kind: 'retry', outcomeUnknown: unknown })
    }
  })

  it('may be where the administrator says, but not where a person says', async () => {
    const proxied = open({ origins: [robot.url] })
    expect(proxied.refuseAddress?.(addressOf())).toBeNull()
    const typed = await letterOf(proxied, addressOf(), noticeOf(), { isOperators: false })
    await expect(proxied.send(typed)).resolves.toMatchObject({ code: '0' })
    const before = robot.received.length
    const strict = open()
    expect(strict.refuseAddress?.(addressOf())).toMatch(/^must begin with https:\/\/oapi\.dingtalk\.com\/robot\/send/)
    await expect(strict.send(typed)).rejects.toMatchObject({ kind: 'rejected', code: 'address_not_allowed' })
    expect(robot.received).toHaveLength(before)
    expect(strict.refuseAddress?.({ url: 'https://oapi.dingtalk.com/robot/send?access_token=abc' })).toBeNull()
  })
})
