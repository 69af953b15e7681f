import { FeishuSettings, LarkSettings } from '@countersign/contracts'
import type { Channel, Delivered } from '#server/channels/channel.ts'
import { CallbackRefused } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { untilStopped } from '#server/channels/finding.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { callQuota } from '#server/quota/usage.ts'
import { answerTap } from './answer.ts'
import { type ChannelLog, createLarkClient, type LarkMessage } from './client.ts'
import { createLarkDirectory } from './directory.ts'
import { examineLark } from './doctor/examine.ts'
import { authorizeUrl, exchangeCode } from './login.ts'
import { openLongConnection } from './long-connection/long-connection.ts'
import { parseCallback } from './parse.ts'
import { renderCard } from './render.ts'
import { plainMessage } from './text.ts'
import { LarkAddress, SentMessage } from './wire.ts'

export interface LarkDeps {
  log: ChannelLog
  /** Epoch milliseconds. */
  now: () => number
  /** Told of every call that may count against the monthly quota of a free edition. */
  meter?: (call: { appId: string }) => void
}

type Brand = 'lark' | 'feishu'

/** What differs between the two editions of the platform. */
const brands = {
  lark: {
    settings: LarkSettings,
    jsSdkUrl: 'https://lf-package-sg.larksuitecdn.com/obj/lark-static-sgsaas/lark/op/h5-js-sdk-1.5.44.js',
    clientOrigins: ['https://*.larksuite.com'],
  },
  feishu: {
    settings: FeishuSettings,
    jsSdkUrl: 'https://lf-scm-cn.feishucdn.com/lark/op/h5-js-sdk-1.5.44.js',
    clientOrigins: ['https://*.feishu.cn', 'https://*.larkoffice.com'],
  },
} as const

/** Longest `uuid` that the platform takes. */
const MAX_IDEMPOTENCY_KEY = 50

/** Lark or Feishu, for one tenant's app. The two differ in hosts only. */
export function createLark(record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>, deps: LarkDeps): Channel {
  const brand = brandOf(record.name)
  const settings = brands[brand].settings.parse(record.settings)
  const { appId, accountsUrl, openUrl } = settings
  const encryptKey = settings.encryptKey?.trim() ? settings.encryptKey : null
  const verificationToken = settings.verificationToken?.trim() ? settings.verificationToken : null
  const jsSdkUrl = settings.jsSdkUrl ?? brands[brand].jsSdkUrl
  const app = { appId, appSecret: settings.appSecret, openUrl }
  const isConnected = settings.connection === 'long-connection'
  const client = createLarkClient(app, deps)
  const quota = callQuota(settings.monthlyCallQuota ?? null, settings.saveCallsFrom)
  const deliver = async (message: LarkMessage): Promise<Delivered> => {
    if (message.uuid.length > MAX_IDEMPOTENCY_KEY) {
      throw new ChannelError('rejected', 'idempotency_key', `longer than ${MAX_IDEMPOTENCY_KEY} characters`)
    }
    const { messageId, text } = await client.send(message)
    return { message: { messageId }, code: '0', text }
  }

  return {
    tenantId: record.tenantId,
    name: brand,
    appId,
    takesActions: isConnected || (encryptKey !== null && verificationToken !== null),
    jsSdkUrl,
    origins: {
      frame: [...new Set([new URL(openUrl).origin, new URL(accountsUrl).origin, ...brands[brand].clientOrigins])],
      script: [new URL(jsSdkUrl).origin],
    },
    limits: {
      app: [
        { points: 50, seconds: 1 },
        { points: 1_000, seconds: 60 },
      ],
      receiver: [{ points: 5, seconds: 1 }],
      message: [{ points: 5, seconds: 1 }],
    },
    ...(quota !== null && { callQuota: quota }),
    directory: createLarkDirectory(brand, client, quota !== null),

    async resolve(addresses) {
      return client.findUsers(addresses.map((address) => LarkAddress.catch({}).parse(address)))
    },
    async send({ platformUserId, card, idempotencyKey }) {
      const content = JSON.stringify(renderCard(card))
      return deliver({ openId: platformUserId, type: 'interactive', content, uuid: idempotencyKey })
    },
    async say({ platformUserId, text, idempotencyKey }) {
      const content = JSON.stringify({ text: plainMessage(text) })
      return deliver({ openId: platformUserId, type: 'text', content, uuid: idempotencyKey })
    },
    async update(message, { card }) {
      const sent = SentMessage.safeParse(message)
      if (!sent.success) throw new ChannelError('gone', 'unknown_message', 'the address of the message is not readable')
      const { text } = await client.updateCard({ ...sent.data, content: JSON.stringify(renderCard(card)) })
      return { message, code: '0', text }
    },
    async buzz(message, platformUserId) {
      const sent = SentMessage.safeParse(message)
      if (!sent.success) throw new ChannelError('gone', 'unknown_message', 'the address of the message is not readable')
      const { text } = await client.buzz({ ...sent.data, openId: platformUserId })
      return { code: '0', text }
    },

    ...(isConnected && {
      connectsBy: 'long-connection',
      connect: (listener) => openLongConnection(app, listener, { now: deps.now, random: Math.random }),
    }),
    isBot: async (platformId) => (await client.botId()) === platformId,
    receive(callback) {
      if (encryptKey === null || verificationToken === null) {
        throw new CallbackRefused('forged', 'not_configured', 'the app has no Encrypt Key or no Verification Token')
      }
      return parseCallback(callback, { appId, encryptKey, verificationToken })
    },
    answer: answerTap,
    acknowledge: () => ({}),

    examine(examination) {
      const client = untilStopped(createLarkClient(app, deps), examination.signal)
      const patient = { brand, settings, encryptKey, verificationToken, client, now: deps.now }
      return examineLark(patient, examination)
    },

    authorizeUrl: (start) => authorizeUrl(accountsUrl, appId, start),
    exchange: (login) => exchangeCode(app, client, login),
  }
}

function brandOf(name: string): Brand {
  if (name === 'lark' || name === 'feishu') return name
  throw new Error(`${name} is neither lark nor feishu`)
}
