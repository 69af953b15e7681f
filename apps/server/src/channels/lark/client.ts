import type { Client, Logger } from '@larksuiteoapi/node-sdk'
import type { z } from 'zod'
import { ChannelError } from '#server/channels/channel-error.ts'
import { isBadToken, isCounted, unreadableAnswer } from './errors.ts'
import { createLarkHttp } from './http.ts'
import { createTokenCache, type TokenCache } from './token-cache.ts'
import { BotInfo, BuzzAnswer, FoundUsers, type LarkAddress, SendAnswer, UpdateAnswer } from './wire.ts'

/** The little of a logger that a channel uses. */
export interface ChannelLog {
  debug(fields: object, message: string): void
}

export interface LarkApp {
  appId: string
  appSecret: string
  /** Origin, or origin and path, without a slash at the end. */
  openUrl: string
}

export interface LarkMessage {
  openId: string
  type: 'interactive' | 'text'
  content: string
  uuid: string
}

export interface LarkClient {
  /** `open_id` of each account, in the order asked; null where the platform knows nobody, or two different people. */
  findUsers(addresses: readonly LarkAddress[]): Promise<(string | null)[]>
  /** `content` is the JSON that the type of message asks for. */
  send(message: LarkMessage): Promise<{ messageId: string; text: string }>
  updateCard(message: { messageId: string; content: string }): Promise<{ text: string }>
  /** Within the app; a message of our own only. */
  buzz(message: { messageId: string; openId: string }): Promise<{ text: string }>
  /** `open_id` of the bot itself; asked for once. */
  botId(): Promise<string>
  /** Fetches a token, unless there is one. */
  authenticate(): Promise<void>
  /** Any other question; `url` is the path. */
  get<Schema extends z.ZodType>(schema: Schema, url: string): Promise<z.infer<Schema>>
  /** Calls without a tenant token, for log-in. */
  readonly sdk: () => Promise<Client>
}

/** `contact/v3/users/batch_get_id` takes as many e-mail addresses, and as many mobiles beside them. */
const MAX_LOOKUP = 50

interface TokenHeader {
  headers: { Authorization: string }
}

/** Calls with a tenant token. Throws ChannelError. */
type Call = <Schema extends z.ZodType>(
  schema: Schema,
  request: (client: Client, options: TokenHeader) => Promise<unknown>,
) => Promise<z.infer<Schema>>

/** The platform as this channel uses it, through the official SDK. Every failure is a ChannelError. */
export function createLarkClient(
  app: LarkApp,
  deps: { log: ChannelLog; now: () => number; meter?: (call: { appId: string }) => void },
): LarkClient {
  const tokens = createTokenCache(deps.now)
  const sdk = once(() => openSdk(app, tokens, deps.log))
  const call = createCaller(sdk, tokens, () => deps.meter?.({ appId: app.appId }))
  const get: LarkClient['get'] = (schema, url) =>
    call(schema, (client, options) => client.request({ method: 'GET', url }, options))
  let bot: string | null = null
  return {
    sdk,
    async botId() {
      bot ??= (await get(BotInfo, '/open-apis/bot/v3/info')).bot.open_id
      return bot
    },
    async authenticate() {
      await (await sdk()).tokenManager.getTenantAccessToken()
    },
    get,
    async findUsers(addresses) {
      const found: (string | null)[] = []
      for (let from = 0; from < addresses.length; from += MAX_LOOKUP) {
        found.push(...(await findChunk(call, addresses.slice(from, from + MAX_LOOKUP))))
      }
      return found
    },
    async send({ openId, type, content, uuid }) {
      const message = { receive_id: openId, msg_type: type, content, uuid }
      const { data, msg } = await call(SendAnswer, (client, options) =>
        client.im.v1.message.create({ params: { receive_id_type: 'open_id' }, data: message }, options),
      )
      return { messageId: data.message_id, text: msg ?? '' }
    },
    async updateCard({ messageId, content }) {
      const { msg } = await call(UpdateAnswer, (client, options) =>
        client.im.v1.message.patch({ path: { message_id: messageId }, data: { content } }, options),
      )
      return { text: msg ?? '' }
    },
    async buzz({ messageId, openId }) {
      const request = { path: { message_id: messageId }, params: { user_id_type: 'open_id' as const } }
      const { msg, data } = await call(BuzzAnswer, (client, options) =>
        client.im.v1.message.urgentApp({ ...request, data: { user_id_list: [openId] } }, options),
      )
      // A success for nobody, should the platform ever answer so, is none.
      if (data?.invalid_user_id_list?.includes(openId) === true) {
        throw new ChannelError(
          'rejected',
          'invalid_user',
          'the platform does not take this person for the urgent message',
        )
      }
      return { text: msg ?? '' }
    },
  }
}

/**
 * Puts the token on each call, and calls once more with a fresh one when the platform no longer takes it. Which calls count
 * against a free edition's quota is not documented: all of these are taken to, tokens and log-in not.
 */
function createCaller(sdk: () => Promise<Client>, tokens: TokenCache, count: () => void): Call {
  let tokenRequest: Promise<string> | null = null
  // One request for all who need a token at the same time; the SDK alone would send one for each.
  const tenantToken = (client: Client): Promise<string> => {
    tokenRequest ??= client.tokenManager.getTenantAccessToken().finally(() => {
      tokenRequest = null
    })
    return tokenRequest
  }
  return async (schema, request) => {
    const client = await sdk()
    const attempt = async (): Promise<unknown> => {
      const token = await tenantToken(client)
      try {
        const answer = await request(client, { headers: { Authorization: `Bearer ${token}` } })
        count()
        return answer
      } catch (error) {
        if (isCounted(error)) count()
        if (isBadToken(error)) tokens.forget(token)
        throw error
      }
    }
    const answer = await attempt().catch((error: unknown) => (isBadToken(error) ? attempt() : Promise.reject(error)))
    return readAnswer(schema, answer)
  }
}

async function findChunk(call: Call, addresses: readonly LarkAddress[]): Promise<(string | null)[]> {
  const found = await findByContact(call, addresses)
  // An open id is the account itself: there is nothing to look up.
  return found.map((account, index) => addresses[index]?.openId ?? account)
}

async function findByContact(call: Call, addresses: readonly LarkAddress[]): Promise<(string | null)[]> {
  const emails = addresses.flatMap(({ email }) => (email === undefined ? [] : [email]))
  const mobiles = addresses.flatMap(({ mobile }) => (mobile === undefined ? [] : [mobileAsAsked(mobile)]))
  if (emails.length + mobiles.length === 0) return addresses.map(() => null)
  const { data } = await call(FoundUsers, (client, options) =>
    client.contact.v3.user.batchGetId({ params: { user_id_type: 'open_id' }, data: { emails, mobiles } }, options),
  )
  return matchUsers(addresses, data.user_list ?? [])
}

/** Reads a success; one of another shape leaves open whether the call was carried out. */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(answer)
  if (!parsed.success) throw unreadableAnswer(200, undefined)
  return parsed.data
}

/** Loaded on the first call: the SDK costs 250 ms and 60 MB, which a host without Lark need not pay at its start. */
async function openSdk(app: LarkApp, cache: TokenCache, log: ChannelLog): Promise<Client> {
  const { Client: SdkClient, LoggerLevel } = await import('@larksuiteoapi/node-sdk')
  return new SdkClient({
    appId: app.appId,
    appSecret: app.appSecret,
    domain: app.openUrl,
    cache,
    httpInstance: createLarkHttp(),
    logger: redactingLogger(log),
    loggerLevel: LoggerLevel.error,
    // We put the token on each call ourselves, to know which one was refused. The SDK still fetches and keeps it.
    disableTokenCache: true,
  })
}

/** What the SDK logs has been thrown to us as well; only what kind of failure it was is worth a line. */
function redactingLogger(log: ChannelLog): Logger {
  const silent = (): void => undefined
  const note = (...messages: unknown[]): void => {
    const error = messages.flat(2).find((message) => message instanceof ChannelError)
    log.debug({ platformCode: error?.code ?? 'unknown' }, 'the SDK reports a failed call')
  }
  return { error: note, warn: note, info: silent, debug: silent, trace: silent }
}

function once<Value>(create: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= create()
    return made
  }
}

/** Numbers of mainland China are asked for without country code, all others with it. */
function mobileAsAsked(mobile: string): string {
  return mobile.replace(/[\s-]/g, '').replace(/^\+86(?=1\d{10}$)/, '')
}

function matchUsers(
  addresses: readonly LarkAddress[],
  users: readonly { user_id?: string | undefined; email?: string | undefined; mobile?: string | undefined }[],
): (string | null)[] {
  const byEmail = new Map<string, string>()
  const byMobile = new Map<string, string>()
  for (const { user_id: userId, email, mobile } of users) {
    if (userId === undefined || userId === '') continue
    if (email !== undefined) byEmail.set(email.toLowerCase(), userId)
    if (mobile !== undefined) byMobile.set(mobileAsAsked(mobile), userId)
  }
  return addresses.map(({ email, mobile }) => {
    const found = new Set<string>()
    const byTheirEmail = email === undefined ? undefined : byEmail.get(email.toLowerCase())
    const byTheirMobile = mobile === undefined ? undefined : byMobile.get(mobileAsAsked(mobile))
    if (byTheirEmail !== undefined) found.add(byTheirEmail)
    if (byTheirMobile !== undefined) found.add(byTheirMobile)
    const [only] = found
    return found.size === 1 ? (only ?? null) : null
  })
}
