import { z } from 'zod'
import { type Received, startReceiver } from '#server/channels/_receiver.ts'
import { hostileRobotUrls, marksIn } from '#server/channels/_robot.ts'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import type { MessengerHarness, MessengerPlatform, ShownMessage } from '#server/channels/messenger.contract.ts'

/** The platform refuses longer messages with 460101. */
const maxBytes = 20_000

const Body = z.strictObject({
  msgtype: z.enum(['actionCard', 'markdown']),
  msgUuid: z.string().max(64),
  actionCard: z
    .strictObject({ title: z.string(), text: z.string(), singleTitle: z.string(), singleURL: z.url() })
    .optional(),
  markdown: z.strictObject({ title: z.string(), text: z.string() }).optional(),
})

const failures: Record<ChannelErrorKind, { errcode: number; errmsg: string }> = {
  retry: { errcode: -1, errmsg: 'system busy' },
  rate_limited: { errcode: 410100, errmsg: '发送速度太快而限流' },
  auth: { errcode: 310000, errmsg: 'keywords not in content' },
  gone: { errcode: 400106, errmsg: '机器人不存在' },
  rejected: { errcode: 400101, errmsg: 'token token-one is not exist' },
}

export const dingtalkRobotHarness: MessengerHarness = {
  name: 'dingtalkRobot',
  settings: [
    ['actionCard', {}],
    ['markdown', { messageType: 'markdown' }],
  ],
  hostileAddresses: hostileRobotUrls('https://oapi.dingtalk.com', '/robot/send', 'access_token').map((url) => ({
    url,
  })),
  async startPlatform(): Promise<MessengerPlatform> {
    const messages: ShownMessage[] = []
    const server = await startReceiver((call) => {
      messages.push(shownDingtalk(call))
      // As in the platform's own sample, the code is text.
      return { status: 200, body: '{"errcode":"0","errmsg":"ok"}' }
    })
    const disposed = { isClosed: false }
    const close = async (): Promise<void> => {
      if (!disposed.isClosed) await server[Symbol.asyncDispose]()
      disposed.isClosed = true
    }
    return {
      messages,
      address: (receiver) => ({
        url: `${server.url}/robot/send?access_token=token-${receiver}`,
        secret: `SEC${receiver}-0123456789abcdef`,
      }),
      secretsOf: (receiver) => [`token-${receiver}`, `SEC${receiver}-0123456789abcdef`],
      fail: (as) => void server.answers.push({ status: 200, body: JSON.stringify(failures[as]) }),
      loseAnswer() {
        server.answers.push('lost')
        messages.push({ bytes: 0, maxBytes, text: '', marks: [], links: [], key: null })
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  },
}

/** A message as its group sees it. */
export function shownDingtalk({ body }: Pick<Received, 'body'>): ShownMessage {
  const { msgUuid, actionCard, markdown } = Body.parse(JSON.parse(body))
  const { text, title } = actionCard ?? markdown ?? { text: '', title: '' }
  const { said, links } = marksIn(text)
  return {
    bytes: Buffer.byteLength(body),
    maxBytes,
    text: `${title}\n${said.text}`,
    marks: said.marks,
    links: actionCard === undefined ? links : [...links, actionCard.singleURL],
    key: msgUuid,
  }
}
