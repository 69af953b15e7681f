import { z } from 'zod'
import { type Answer, type Received, startReceiver } from '#server/channels/_receiver.ts'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import type { MessengerHarness, MessengerPlatform, ShownMessage } from '#server/channels/messenger.contract.ts'

const User = z.strictObject({ uid: z.string(), name: z.string() })

/** The body as the documents describe it. */
export const HookBody = z.strictObject({
  messageEvent: z.strictObject({
    submitterUid: z.string(),
    submitterName: z.string(),
    category: z.string(),
    module: z.string(),
    event: z.string(),
    taskId: z.string().optional(),
    taskName: z.string(),
    eventTime: z.int(),
    message: z.string(),
    targetUsers: z.array(User),
    receivers: z.array(User),
  }),
  signatureMethod: z.enum(['NONE', 'HMAC_SHA1']),
  signatureText: z.string(),
})

const failures: Partial<Record<ChannelErrorKind, Answer>> = {
  retry: { status: 503, body: 'https://receiver.example/secret-one' },
  rejected: { status: 410 },
}

export const webhookHarness: MessengerHarness = {
  name: 'webhook',
  settings: [['private networks allowed', { allowPrivateNetworks: true }]],
  // net/egress.test.ts and index.test.ts have what must not be called.
  hostileAddresses: [
    { url: 'http://169.254.169.254/latest/meta-data/' },
    { url: 'http://[fd00:ec2::254]/' },
    { url: 'http://0.0.0.0:8080/' },
    { url: 'https://hooks.example:25/' },
  ],
  // All that it has are HTTP status codes, and any of them may be passing.
  lacks: ['rate_limited', 'auth', 'gone'],
  async startPlatform(): Promise<MessengerPlatform> {
    const messages: ShownMessage[] = []
    const server = await startReceiver((call) => {
      messages.push(shownHook(call))
      return { status: 204 }
    })
    const disposed = { isClosed: false }
    const close = async (): Promise<void> => {
      if (!disposed.isClosed) await server[Symbol.asyncDispose]()
      disposed.isClosed = true
    }
    return {
      messages,
      address: (receiver) => ({
        url: `${server.url}/secret-${receiver}`,
        signatureMethod: 'HMAC_SHA1',
        signatureKey: `a key of ${receiver}`,
      }),
      secretsOf: (receiver) => [`secret-${receiver}`, `a key of ${receiver}`],
      fail: (as) => void server.answers.push(failures[as] ?? { status: 500 }),
      loseAnswer() {
        server.answers.push('lost')
        messages.push({ bytes: 0, maxBytes: 0, text: '', marks: [], links: [], key: null })
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  },
}

/** JSON has no markup; the link that is ours stands at the end of the message. */
export function shownHook({ body, headers }: Pick<Received, 'body' | 'headers'>): ShownMessage {
  const { messageEvent } = HookBody.parse(JSON.parse(body))
  const links = messageEvent.message.match(/https:\/\/approve\.example\.com\/\S+$/) ?? []
  const key = headers['webhook-id']
  return {
    bytes: Buffer.byteLength(body),
    maxBytes: 20_000,
    text: [messageEvent.module, messageEvent.event, messageEvent.taskName, messageEvent.message].join('\n'),
    marks: [],
    links: [...links],
    key: typeof key === 'string' ? key : null,
  }
}
