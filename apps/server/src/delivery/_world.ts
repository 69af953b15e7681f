import type {
  ChannelName,
  NotificationRule,
  QuietHours,
  ReminderStep,
  Role,
  SubmitTicket,
} from '@countersign/contracts'
import { SubmitTicket as SubmitTicketSchema } from '@countersign/contracts'
import { createCardComposer } from '#server/cards/compose.ts'
import { createButtonProofs } from '#server/cards/proof.ts'
import { createCallbackCourier } from '#server/channels/callback-url/courier.ts'
import type { Channel } from '#server/channels/channel.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { plainSealer, type TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { createEgress } from '#server/net/egress.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import { createTenantTexts } from '#server/texts/tenant-texts.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import { decide, submit } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { atMostOnceRetry, type RetryPolicy } from './backoff.ts'
import { createCardCourier } from './card-courier.ts'
import { createMessageCourier } from './message-courier.ts'
import { createOutboundLimiter, type OutboundLimiter } from './rate-limit.ts'
import { createReplyCourier } from './reply-courier.ts'
import { createReportCourier } from './report-courier.ts'
import type { Savings } from './saved-calls.ts'
import { createSharedCourier } from './shared-courier.ts'
import { createTimedCourier } from './timed-courier.ts'
import { createDeliveryWorker, type DeliveryWorker, type DeliveryWorkerDeps } from './worker.ts'

/** A clock that is moved by hand. */
export class HandClock {
  at: number

  constructor(at = Date.parse('2026-11-02T09:00:00Z')) {
    this.at = at
  }

  readonly now = (): number => this.at

  advance(ms: number): void {
    this.at += ms
  }
}

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute

export interface SeedPerson {
  uid: string
  disabled?: boolean
  /** Bound by an e-mail address of their own unless told otherwise. */
  channels?: readonly ChannelName[]
  roles?: readonly Role[]
  timeZone?: string
  quiet?: QuietHours
  digestAt?: string
  /** Channels that they are bound to and do not want to be told through. */
  off?: readonly ChannelName[]
  /** Channels that are to hold everything for the summary. */
  digest?: readonly ChannelName[]
}

/** A tenant with people and channels, as the provisioning would have written them. */
export async function seedTenant(
  { db }: Pick<TestDatabase, 'db'>,
  options: {
    id?: string
    people: readonly SeedPerson[]
    enabled?: readonly ChannelName[]
    disabled?: readonly ChannelName[]
    rules?: readonly NotificationRule[]
    allowPrivateNetworks?: boolean
    webhookSecret?: string
    reminders?: readonly ReminderStep[]
  },
): Promise<void> {
  const tenant_id = options.id ?? 'acme'
  const row = { tenant_id, provisioned: 1, updated_at: 0 } as const
  const blank = { locale: null, time_zone: null }
  await db
    .insertInto('tenants')
    .values({
      id: tenant_id,
      name: tenant_id,
      ...blank,
      allow_self_approval: 0,
      reminders: options.reminders === undefined ? null : JSON.stringify(options.reminders),
      updated_at: 0,
    })
    .execute()
  const people = options.people.map(({ uid, disabled, roles = ['user'], timeZone = null }) => ({
    ...row,
    locale: null,
    time_zone: timeZone,
    uid,
    name: uid,
    roles: JSON.stringify(roles),
    email: null,
    mobile: null,
    employee_id: null,
    disabled: disabled === true ? (1 as const) : (0 as const),
  }))
  await db.insertInto('users').values(people).execute()
  const bindings = options.people.flatMap(({ uid, channels = ['lark'], off = [], digest = [] }) =>
    channels.map((channel) => ({
      ...row,
      uid,
      channel,
      address: JSON.stringify({ email: emailOf(uid) }),
      enabled: off.includes(channel) ? (0 as const) : (1 as const),
      mode: digest.includes(channel) ? 'digest' : 'instant',
    })),
  )
  if (bindings.length > 0) await db.insertInto('user_channels').values(bindings).execute()
  const wishes = options.people.flatMap(({ uid, quiet, digestAt }) => {
    if (quiet === undefined && digestAt === undefined) return []
    const quietHours = { quiet_from: quiet?.from ?? null, quiet_to: quiet?.to ?? null }
    return [{ tenant_id, uid, ...quietHours, digest_at: digestAt ?? null }]
  })
  if (wishes.length > 0) await db.insertInto('notification_preferences').values(wishes).execute()
  const enabled = options.enabled ?? ['lark']
  const channels = [...enabled, ...(options.disabled ?? [])].map((name) => ({
    ...row,
    name,
    enabled: enabled.includes(name) ? (1 as const) : (0 as const),
    app_id: `${tenant_id}-${name}`,
    settings: '{}',
    secrets: '{}',
  }))
  const webhook = {
    ...row,
    name: 'webhook',
    enabled: 1 as const,
    app_id: null,
    settings: JSON.stringify({ allowPrivateNetworks: options.allowPrivateNetworks ?? false }),
    secrets: '{}',
  }
  await db
    .insertInto('channels')
    .values([...channels, webhook])
    .execute()
  await db
    .insertInto('api_keys')
    .values({
      tenant_id,
      name: 'ci',
      key_hash: `hash-${tenant_id}`,
      scopes: '[]',
      webhook_secret: options.webhookSecret ?? null,
      provisioned: 1,
      created_at: 0,
      expires_at: null,
      last_used_at: null,
    })
    .execute()
  for (const rule of options.rules ?? []) {
    await db
      .insertInto('notification_rules')
      .values({
        tenant_id,
        module: rule.module,
        event: rule.event,
        enabled: rule.enabled ? 1 : 0,
        channels: rule.channels === undefined ? null : JSON.stringify(rule.channels),
        roles: JSON.stringify(rule.roles),
        additional_users: JSON.stringify(rule.additionalUsers),
        provisioned: 1,
      })
      .execute()
  }
}

export const emailOf = (uid: string): string => `${uid}@acme.test`

let submitted = 0

/** Submits a ticket; by default bob asks alice, low risk. */
export async function submitTicket(
  store: Store,
  at: number,
  more: Partial<SubmitTicket> & { tenantId?: string } = {},
): Promise<Ticket> {
  submitted += 1
  const { tenantId = 'acme', ...input } = more
  const parsed = SubmitTicketSchema.parse({
    module: 'data_export',
    title: `Export ${submitted}`,
    submitter: 'bob',
    risk: 'low',
    nodes: [{ name: 'DBA', approvers: ['alice'] }],
    ...input,
  })
  const { ticket } = await store.run((tx) =>
    submit(tx, {
      tenantId,
      input: parsed,
      keys: { externalId: null, idempotencyKey: null, requestHash: `hash-${submitted}` },
      apiKeyName: 'ci',
      via: 'api',
      newId: `ticket-${submitted}`,
      at,
    }),
  )
  return ticket
}

/** A person taps on their card. */
export async function tap(
  store: Store,
  ticket: Ticket,
  actor: string,
  action: 'approve' | 'reject',
  at: number,
  tappedChannel: string | null = 'lark',
): Promise<Ticket> {
  const outcome = await store.run((tx) =>
    decide(tx, {
      tenantId: ticket.tenantId,
      ticketId: ticket.id,
      actor,
      action,
      contentHash: ticket.contentHash,
      comment: 'because',
      surface: 'card',
      confirmed: true,
      via: 'card:lark',
      tappedChannel,
      at,
    }),
  )
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.reason}`)
  return outcome.ticket
}

export const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

export interface TestWorkerOptions {
  store: Store
  channels: readonly Channel[]
  messengers?: readonly Messenger[]
  /** By channel; a receiver that knows no key, unless told otherwise. */
  messageRetry?: RetryPolicy
  texts?: TextRenderer
  clock: HandClock
  owner?: string
  limiter?: OutboundLimiter
  /** 0.5 leaves every wait as it stands in the schedule. */
  random?: () => number
  log?: DeliveryWorkerDeps['log']
  /** Nothing is saved unless a meter says so. */
  meter?: Pick<CallMeter, 'savings'>
  graceMs?: number
}

/** The real worker with real couriers; only the platforms are stand-ins. */
export async function testWorker(options: TestWorkerOptions): Promise<DeliveryWorker> {
  const { store, channels, clock, owner = 'one', random = () => 0.5, log = silentLog } = options
  const { now } = clock
  const proofs = createButtonProofs([Buffer.alloc(32, 1)])
  const composer = createCardComposer({ publicUrl: 'http://localhost:8080', locale: 'en', timeZone: 'UTC' }, proofs)
  const limiter = options.limiter ?? (await createOutboundLimiter({ databaseUrl: null }))
  const channelOf = async (tenantId: string, name: string): Promise<Channel | null> =>
    channels.find((channel) => channel.tenantId === tenantId && channel.name === name) ?? null
  const egress = {
    open: createEgress({ allowPrivateNetworks: true }),
    publicOnly: createEgress({ allowPrivateNetworks: false }),
  }
  const savings = async (channel: Channel): Promise<Savings> => (await options.meter?.savings(channel)) ?? new Set()
  const texts = options.texts ?? createTenantTexts({ stores: store.stores, log })
  const deps = { store, channels: channelOf, composer, texts, limiter, savings, log, now, owner }
  const { messengers = [], messageRetry: retry = atMostOnceRetry } = options
  const reading = { publicUrl: 'http://localhost:8080', locale: 'en', timeZone: 'UTC' } as const
  const messageDeps = {
    ...{ store, composer, limiter, log, now, owner, texts, sealer: plainSealer, ...reading },
    messengers: async (tenantId: string, name: string): Promise<Messenger | null> =>
      messengers.find((messenger) => messenger.tenantId === tenantId && messenger.name === name) ?? null,
  }
  const messages = new Map(
    messengers.map(({ name }) => [
      name,
      createTimedCourier(createMessageCourier(messageDeps, { name, retry, hasOwnHosts: name === 'webhook' }), {
        store,
        now,
      }),
    ]),
  )
  return createDeliveryWorker({
    store,
    cards: createTimedCourier(createCardCourier(deps), { store, now }),
    callbacks: createCallbackCourier({ store, now, egress }),
    shared: createSharedCourier(deps),
    replies: createReplyCourier(deps),
    messages,
    reports: createTimedCourier(createReportCourier({ ...deps, ...reading }), { store, now }),
    log,
    now,
    random,
    owner,
    ...(options.graceMs !== undefined && { graceMs: options.graceMs }),
  })
}
