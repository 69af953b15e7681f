import { randomBytes } from 'node:crypto'
import type { ChannelName, Role } from '@countersign/contracts'
import { v7 as uuid } from 'uuid'
import { createFingerprint } from '#server/addresses/fingerprint.ts'
import type { Delivered } from '#server/channels/channel.ts'
import type { ChannelError } from '#server/channels/channel-error.ts'
import type { Letter, Messenger } from '#server/channels/messenger.ts'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import type { TestDatabase } from '#server/db/_engines.ts'
import type { SessionRecord } from '#server/db/stores.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { createOutboundLimiter } from '#server/delivery/rate-limit.ts'
import { AppError } from '#server/errors.ts'
import { createEgress, EgressRefused } from '#server/net/egress.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { createTenantTexts } from '#server/texts/tenant-texts.ts'
import { createCodeSender } from '#server/verification/code-sender.ts'
import { createCodes } from '#server/verification/codes.ts'
import { createThrottles } from '#server/verification/throttles.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { sendCode } from './send-code.ts'
import { setChannel } from './set-channel.ts'
import { viewSettings } from './view.ts'

/* One tenant's people and ways to reach them, for tests of how people set those. */

/** A platform whose accounts are known by any part of an address, `mobile=+65…` for one. */
export class FakeDirectoryChannel extends FakeChannel {
  readonly accounts = new Map<string, string>()
  lookUps = 0
  /** What the next look-up is refused with. */
  refusal: ChannelError | null = null

  override async resolve(addresses: unknown[]): Promise<(string | null)[]> {
    this.lookUps += 1
    if (this.refusal !== null) throw this.refusal
    return addresses.map((address) => {
      const parts = Object.entries(Object(address)).map(([part, value]) => `${part}=${String(value)}`)
      return parts.map((part) => this.accounts.get(part)).find((account) => account !== undefined) ?? null
    })
  }
}

const publicOnly = createEgress({ allowPrivateNetworks: false })

export class FakeMessenger implements Messenger {
  readonly tenantId = 'acme'
  readonly name: ChannelName
  readonly appId: string
  readonly format = 'plain'
  readonly limits = { app: [], receiver: [], message: [] }
  readonly canBundle: boolean
  readonly letters: Letter[] = []
  refusal: ChannelError | null = null

  constructor(name: ChannelName, canBundle = false) {
    this.name = name
    this.appId = name
    this.canBundle = canBundle
  }

  /** As the guard says where the address is a URL. */
  refuseAddress(address: unknown): string | null {
    if (typeof address !== 'object' || address === null || !('url' in address)) return null
    try {
      publicOnly.check(new URL(String(address.url)))
      return null
    } catch (error) {
      if (error instanceof EgressRefused) return error.message
      throw error
    }
  }

  receiverOf(address: unknown): string {
    return JSON.stringify(address)
  }

  async send(letter: Letter): Promise<Delivered> {
    if (this.refusal !== null) throw this.refusal
    this.letters.push(letter)
    return { message: null, code: 'OK', text: 'taken' }
  }
}

const nobodyLogsIn: Sessions = {
  begin: () => Promise.reject(new Error('nobody logs in here')),
  require: () => Promise.reject(new Error('nobody logs in here')),
  end: () => Promise.reject(new Error('nobody logs in here')),
}

export type Desk = Awaited<ReturnType<typeof openDesk>>

/** Alice is an administrator; Bob and Carol are not. Nobody is bound to anything; Lark, Feishu and DingTalk are on. */
export async function openDesk(database: TestDatabase, options: { sms?: boolean } = {}) {
  const { store, db } = database
  const clock = { now: 1_700_000_000_000 }
  const now = () => clock.now
  const keys = createKeyRing([randomBytes(32)])
  const sealer = createSealer(keys)
  await db
    .insertInto('tenants')
    .values({ id: 'acme', name: 'Acme', locale: null, time_zone: null, allow_self_approval: 0, updated_at: 0 })
    .execute()
  const blank = { locale: null, time_zone: null, email: null, mobile: null, employee_id: null }
  const person = (uid: string, roles: Role[]) => ({
    tenant_id: 'acme',
    uid,
    name: uid[0]?.toUpperCase() + uid.slice(1),
    roles: JSON.stringify(roles),
    ...blank,
    disabled: 0 as const,
    provisioned: 1 as const,
    updated_at: 0,
  })
  await db
    .insertInto('users')
    .values([person('alice', ['admin']), person('bob', ['user']), person('carol', ['user'])])
    .execute()
  const on: ChannelName[] = ['lark', 'feishu', 'dingtalk', 'email', 'dingtalkRobot', 'webhook', 'wecomRobot']
  if (options.sms === true) on.push('sms')
  const settings = { settings: '{}', secrets: '{}', app_id: null, provisioned: 1 as const, updated_at: 0 }
  await db
    .insertInto('channels')
    .values(on.map((name) => ({ tenant_id: 'acme', name, enabled: 1 as const, ...settings })))
    .execute()

  const channels = new Map(
    (['lark', 'feishu', 'dingtalk'] as const).map((name) => [name as string, new FakeDirectoryChannel('acme', name)]),
  )
  // The tenant has switched on WeCom's robot, and this host cannot use it.
  const messengers = new Map<string, FakeMessenger>([
    ['email', new FakeMessenger('email', true)],
    ['dingtalkRobot', new FakeMessenger('dingtalkRobot', true)],
    ['webhook', new FakeMessenger('webhook')],
    ...(options.sms === true ? [['sms', new FakeMessenger('sms')] as const] : []),
  ])
  const limiter = await createOutboundLimiter({ databaseUrl: null })
  const logged: object[] = []
  const log = { info: (fields: object) => void logged.push(fields), warn: (fields: object) => void logged.push(fields) }
  const ways = {
    channels: { get: async (_tenantId: string, name: string) => channels.get(name) ?? null },
    messengers: { get: async (_tenantId: string, name: string) => messengers.get(name) ?? null },
  }
  const calls = { store, limiter, savings: async () => new Set<never>(), log, now }
  const texts = createTenantTexts({ stores: store.stores, log })
  const codeSender = createCodeSender({ ...calls, ...ways, texts })
  const deps: NotificationSettingsDeps = {
    store,
    sessions: nobodyLogsIn,
    ...ways,
    texts,
    calls,
    codes: createCodes({ keys, now }),
    codeSender,
    throttles: createThrottles({ keys, now }),
    fingerprint: createFingerprint(keys),
    sealer,
    locale: 'en',
    timeZone: 'UTC',
    country: 'CN',
    now,
    newId: () => uuid(),
    committed: () => undefined,
  }

  /** Somebody logged in, through whichever channel and account. */
  const session = async (
    uid: string,
    through: { channel: ChannelName; platformUserId: string } | null = null,
  ): Promise<SessionRecord> => {
    const made: SessionRecord = {
      tenantId: 'acme',
      id: uuid(),
      uid,
      channel: through?.channel ?? null,
      refreshHash: uuid(),
      previousHash: null,
      rotatedAt: clock.now,
      createdAt: clock.now,
      expiresAt: clock.now + 1_000_000_000,
      revokedAt: null,
      secondFactorAt: null,
      userAgent: null,
      platformUserId: through?.platformUserId ?? null,
      way: null,
    }
    await store.run((tx) => tx.sessions.addSession(made))
    return made
  }
  const subject = async (
    uid: string,
    channel: ChannelName,
    by: Partial<ChannelSubject> = {},
  ): Promise<ChannelSubject> => ({
    tenantId: 'acme',
    uid,
    actor: uid,
    isSelf: by.actor === undefined || by.actor === uid,
    session: by.session ?? (await session(by.actor ?? uid)),
    caller: '203.0.113.7',
    channel,
    ...by,
  })
  const ask = async (who: ChannelSubject, address: Record<string, string>) => {
    const answer = await sendCode(deps, who, address, () => Promise.resolve())
    await codeSender.drain()
    return answer
  }
  return {
    database,
    deps,
    clock,
    logged,
    session,
    subject,
    channel: (name: 'lark' | 'feishu' | 'dingtalk'): FakeDirectoryChannel => {
      const found = channels.get(name)
      if (found === undefined) throw new Error(`there is no ${name} here`)
      return found
    },
    messenger: (name: ChannelName): FakeMessenger => {
      const found = messengers.get(name)
      if (found === undefined) throw new Error(`there is no ${name} here`)
      return found
    },
    ask,
    set: (who: ChannelSubject, change: Parameters<typeof setChannel>[2]) => setChannel(deps, who, change),
    setting: async (who: ChannelSubject) =>
      (await viewSettings(deps, who)).channels.find(({ channel }) => channel === who.channel),
    audit: async (uid: string) =>
      (await store.stores.audit.entriesAbout('acme', `user:${uid}`)).map(({ actor, action, detail }) => ({
        actor,
        action,
        detail: JSON.parse(detail),
      })),
    isAlive: async ({ id }: SessionRecord) => (await store.stores.sessions.session(id))?.revokedAt === null,
    async [Symbol.asyncDispose]() {
      await codeSender[Symbol.asyncDispose]()
      await limiter[Symbol.asyncDispose]()
    },
  }
}

/** The six digits in what was said or written last. */
export function codeIn(text: string | undefined): string {
  const code = /\d{6}/.exec(text ?? '')?.[0]
  if (code === undefined) throw new Error('there is no code in it')
  return code
}

/** The stable code of what was refused; throws when nothing was. */
export async function refusal(attempt: Promise<unknown>): Promise<{ code: string; paths: string[] }> {
  try {
    await attempt
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { code: error.code, paths: (error.errors ?? []).map(({ path }) => path) }
  }
  throw new Error('it was not refused')
}
