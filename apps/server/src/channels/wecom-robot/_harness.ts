import { z } from 'zod'
import { type Received, startReceiver } from '#server/channels/_receiver.ts'
import { hostileRobotUrls, marksIn } from '#server/channels/_robot.ts'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import type { MessengerHarness, MessengerPlatform, ShownMessage } from '#server/channels/messenger.contract.ts'

const Body = z.discriminatedUnion('msgtype', [
  z.strictObject({ msgtype: z.literal('text'), text: z.strictObject({ content: z.string().min(1) }) }),
  z.strictObject({ msgtype: z.literal('markdown'), markdown: z.strictObject({ content: z.string().min(1) }) }),
  z.strictObject({
    msgtype: z.literal('template_card'),
    template_card: z.strictObject({
      card_type: z.literal('text_notice'),
      // As long as the platform advises.
      main_title: z.strictObject({ title: z.string().min(1).max(26), desc: z.string().max(30) }),
      sub_title_text: z.string().max(112),
      card_action: z.strictObject({ type: z.literal(1), url: z.url() }),
    }),
  }),
])

const failures: Record<ChannelErrorKind, { errcode: number; errmsg: string }> = {
  retry: { errcode: -1, errmsg: 'system busy' },
  rate_limited: { errcode: 45009, errmsg: 'api freq out of limit' },
  auth: { errcode: 93004, errmsg: 'bot is disabled' },
  gone: { errcode: 93008, errmsg: 'bot is not in the group' },
  rejected: { errcode: 93000, errmsg: 'invalid webhook url key-one, hint: [1]' },
}

export const wecomRobotHarness: MessengerHarness = {
  name: 'wecomRobot',
  settings: [
    ['card', {}],
    ['markdown', { messageType: 'markdown' }],
    ['text', { messageType: 'text' }],
  ],
  hostileAddresses: hostileRobotUrls('https://qyapi.weixin.qq.com', '/cgi-bin/webhook/send', 'key').map((url) => ({
    url,
  })),
  async startPlatform(): Promise<MessengerPlatform> {
    const messages: ShownMessage[] = []
    const server = await startReceiver((call) => {
      messages.push(shownWecom(call))
      return { status: 200, body: '{"errcode":0,"errmsg":"ok"}' }
    })
    const disposed = { isClosed: false }
    const close = async (): Promise<void> => {
      if (!disposed.isClosed) await server[Symbol.asyncDispose]()
      disposed.isClosed = true
    }
    return {
      messages,
      address: (receiver) => ({ url: `${server.url}/cgi-bin/webhook/send?key=key-${receiver}` }),
      secretsOf: (receiver) => [`key-${receiver}`],
      fail: (as) => void server.answers.push({ status: 200, body: JSON.stringify(failures[as]) }),
      loseAnswer() {
        server.answers.push('lost')
        messages.push({ bytes: 0, maxBytes: 2_048, text: '', marks: [], links: [], key: null })
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  },
}

/** A message as its group sees it. */
export function shownWecom({ body }: Pick<Received, 'body'>): ShownMessage {
  const message = Body.parse(JSON.parse(body))
  if (message.msgtype === 'template_card') {
    const { main_title, sub_title_text, card_action } = message.template_card
    const text = [main_title.title, main_title.desc, sub_title_text].join('\n')
    // Its texts are no markup; the size of a card is not documented.
    return { bytes: Buffer.byteLength(body), maxBytes: 4_096, text, marks: [], links: [card_action.url], key: null }
  }
  if (message.msgtype === 'markdown') {
    const { content } = message.markdown
    const { said, links } = marksIn(content)
    return { bytes: Buffer.byteLength(content), maxBytes: 4_096, text: said.text, marks: said.marks, links, key: null }
  }
  const { content } = message.text
  // The client makes a link of every address.
  const links = content.match(/https?:\/\/\S+/g) ?? []
  const marks = links.filter((link) => !link.startsWith('https://approve.example.com/'))
  return { bytes: Buffer.byteLength(content), maxBytes: 2_048, text: content, marks, links: [...links], key: null }
}
