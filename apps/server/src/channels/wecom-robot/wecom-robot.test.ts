import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf, letterOf, noticeOf } from '#server/channels/_letter.ts'
import { type Receiver, startReceiver } from '#server/channels/_receiver.ts'
import type { MessageContent, Messenger } from '#server/channels/messenger.ts'
import { createEgress } from '#server/net/egress.ts'
import { createWecomRobot } from './index.ts'

/* What is WeCom's own. The rest stands in messenger.contract.ts. */

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
  createWecomRobot({ tenantId: 'acme', settings }, { now: Date.now, egress })
const address = () => ({ url: `${robot.url}/cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4` })

async function sent(messenger: Messenger, content: MessageContent = noticeOf()) {
  await messenger.send(await letterOf(messenger, address(), content))
  return JSON.parse(robot.received.at(-1)?.body ?? '{}')
}

describe('a WeCom group robot', () => {
  it('shows a notice as a card that leads to the ticket as a whole', async () => {
    expect(await sent(open())).toEqual({
      msgtype: 'template_card',
      template_card: {
        card_type: 'text_notice',
        main_title: { title: '#1042 Export orders of th…', desc: 'Data export' },
        sub_title_text:
          '#1042 Export orders of the third quarter: your decision is needed\nData export · Low risk · Pending\n…',
        card_action: { type: 1, url: noticeLink },
      },
    })
  })

  it.each([
    ['a bundle', bundleOf(3), '3 notices'],
    ['a test', { kind: 'test' }, 'Test message'],
  ] satisfies [string, MessageContent, string][])(
    'says in words what has no one ticket to lead to (%s)',
    async (_, content, title) => {
      const { msgtype, text } = await sent(open(), content)
      expect(msgtype).toBe('text')
      expect(text.content).toMatch(new RegExp(`^${title}`))
    },
  )

  it('cuts a long text between characters, keeps the link and says that it was cut', async () => {
    const { text } = await sent(
      open({ messageType: 'text' }),
      noticeOf({ fields: Array.from({ length: 5 }, () => ({ label: '数据', value: '表😀'.repeat(100) })) }),
    )
    expect(Buffer.byteLength(text.content)).toBeLessThanOrEqual(2_048)
    expect(Buffer.byteLength(text.content)).toBeGreaterThan(1_500)
    expect(text.content).toBe(text.content.toWellFormed())
    expect(text.content).toMatch(
      /Shortened\. Open the ticket to read all\.\nReview: https:\/\/approve\.example\.com\/\S+$/,
    )
  })

  it.each([
    [45009, 'rate_limited'],
    [93000, 'rejected'],
    [40058, 'rejected'],
    [40008, 'rejected'],
    [44004, 'rejected'],
    [93004, 'auth'],
    [93008, 'gone'],
    [-1, 'retry'],
    [50001, 'retry'],
  ])('keeps the code %s and knows what it means: %s', async (errcode, kind) => {
    robot.answers.push({ status: 200, body: JSON.stringify({ errcode, errmsg: 'as it says' }) })
    await expect(sent(open())).rejects.toMatchObject({ kind, code: String(errcode), message: 'as it says' })
  })

  it('that was too fast is left alone for a minute, and only that one', async () => {
    robot.answers.push({ status: 200, body: '{"errcode":45009,"errmsg":"api freq out of limit"}' })
    await expect(sent(open())).rejects.toMatchObject({ retryAfterMs: 60_000, scope: 'receiver' })
  })
})

const noticeLink =
  'https://approve.example.com/console/mobile/index/?t=acme&c=lark&ticket=0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01'
