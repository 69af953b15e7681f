import type { ChannelName, TenantId } from '@countersign/contracts'
import type { CallbackRegistration, Channel } from '#server/channels/channel.ts'
import type { Connections } from '#server/channels/connections.ts'
import { type Examination, type Finding, untilStopped } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { examineRecent } from '#server/channels/recent-failures.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { ChannelRecord, Store } from '#server/db/stores.ts'
import type { PlainLog } from '#server/log.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import { findAddresses, placesOf } from './addresses.ts'
import { examineCallbacks } from './callbacks.ts'
import { examinePeople } from './people.ts'
import { doctorPhrases as say } from './phrases.ts'
import { examineRegistration } from './registration.ts'
import { Round, type Watcher } from './round.ts'
import { examineConnection, examineLimit, examineQuota } from './state.ts'

export interface DoctorDeps {
  store: Store
  /** Opens a channel from its settings, switched on or not; null where this release has no adapter. Throws on bad settings. */
  open: (record: ChannelRecord) => Channel | Messenger | null
  /** Null where nobody holds connections: on the command line. */
  connections: Pick<Connections, 'stateOf'> | null
  /** Throws ChannelError. */
  register: (channel: Channel, options: { replace: boolean }) => Promise<CallbackRegistration>
  callMeter: Pick<CallMeter, 'usage'>
  /** Opens people's addresses of channels that only tell. */
  sealer: Pick<Sealer, 'open'>
  /** Writes down what was seen and not yet written. */
  noteSightings: () => Promise<void>
  publicUrl: string
  log: Pick<PlainLog, 'error'>
  /** Epoch milliseconds. */
  now: () => number
}

/** Looks at a tenant's channel for what is wrong with it, and says what it saw. */
export interface Doctor {
  /** Null when the tenant has no such channel. Changes nothing but the callback address that the platform is told. */
  examine(tenantId: TenantId, name: ChannelName, options: ExamineOptions): Promise<Diagnosis | null>
}

export interface ExamineOptions {
  /** Puts our callback address in the place of another host's, where the platform is told by call. */
  replaceCallback: boolean
  /** Who asked, for the audit. */
  actor: string
  /** Told of each finding as it is made. */
  watcher?: Watcher
  /** Who asked does not want to know any more. Once nobody does, nothing further is asked of the platform. */
  signal?: AbortSignal
}

export interface Diagnosis {
  channel: ChannelName
  /** Epoch milliseconds. */
  at: number
  findings: Finding[]
  /** False where it was given up before its end. */
  isComplete: boolean
}

/** How many of the newest tickets are looked at for what became of their cards. */
const RECENT_TICKETS = 50

export function createDoctor(deps: DoctorDeps): Doctor {
  const running = new Map<string, { at: number; round: Round }>()
  return {
    async examine(tenantId, name, { watcher, signal, ...wanted }) {
      const record = await deps.store.stores.tenants.channel(tenantId, name)
      if (record === null) return null
      // Its questions cost calls of the month: who asks meanwhile is told the same.
      const key = JSON.stringify([tenantId, name, wanted])
      const known = running.get(key)
      const { at, round } =
        known === undefined || known.round.isGivenUp
          ? { at: deps.now(), round: new Round((stop) => examineRecord(deps, record, wanted, stop)) }
          : known
      const entry = { at, round }
      running.set(key, entry)
      try {
        return { channel: name, at, ...(await round.watch(watcher, signal)) }
      } finally {
        if (running.get(key)?.round === round) running.delete(key)
      }
    },
  }
}

type Wanted = Pick<ExamineOptions, 'replaceCallback' | 'actor'>

async function* examineRecord(
  deps: DoctorDeps,
  record: ChannelRecord,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  if (!record.enabled) yield { id: 'enabled', status: 'warning', evidence: say('disabled'), fix: say('enable') }
  let opened: Channel | Messenger | null
  try {
    opened = deps.open(record)
  } catch (error) {
    deps.log.error({ err: error, tenantId: record.tenantId, channel: record.name }, 'channel settings cannot be used')
    yield { id: 'settings', status: 'failed', evidence: say('badSettings'), fix: say('mendSettings') }
    return
  }
  if (opened === null) yield { id: 'adapter', status: 'unknown', evidence: say('noAdapter') }
  else if (isChannel(opened)) yield* examineChannel(deps, opened, wanted, signal)
  else yield* examineMessenger(deps, opened, signal)
}

/** A channel of cards; the other kind only tells. */
function isChannel(opened: Channel | Messenger): opened is Channel {
  return 'resolve' in opened
}

async function* examineChannel(
  deps: DoctorDeps,
  channel: Channel,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const usage = await deps.callMeter.usage(channel)
  const maySpendCalls = usage === null || usage.calls < usage.quota
  const examination = { ...(await prepare(deps, channel, signal)), addresses: [], maySpendCalls }
  const check = createCheck(deps, channel, signal)
  // One after the other: an app may not call as fast as it likes, and the first tells most.
  yield* check('examination', () => channel.examine?.(examination) ?? [])
  yield* check('callback_registration', () => examineRegistration(deps, channel, { ...wanted, maySpendCalls }))
  yield* examineCallbacks(channel, examination)
  yield* examineConnection(deps, channel)
  yield* await examineQuota(deps, channel)
  yield examineRecent(examination)
  yield* check('people_unmapped', () => examinePeople(deps, untilStopped(channel, signal)))
}

async function* examineMessenger(deps: DoctorDeps, messenger: Messenger, signal: AbortSignal): AsyncGenerator<Finding> {
  const { addresses, finding } = await findAddresses(deps, messenger)
  const examination = { ...(await prepare(deps, messenger, signal)), addresses, maySpendCalls: true }
  const check = createCheck(deps, messenger, signal)
  yield* check('examination', () => messenger.examine?.(examination) ?? [])
  yield finding
  yield* await examineQuota(deps, messenger)
  yield await examineLimit(deps, messenger)
  yield examineRecent(examination, placesOf(messenger, addresses))
}

async function prepare(
  deps: DoctorDeps,
  { tenantId, name, appId }: Channel | Messenger,
  signal: AbortSignal,
): Promise<Omit<Examination, 'addresses' | 'maySpendCalls'>> {
  await deps.noteSightings()
  const { directory, notices, sightings } = deps.store.stores
  return {
    publicUrl: deps.publicUrl,
    now: deps.now(),
    sightings: await sightings.of({ tenantId, channel: name, appId }),
    people: await directory.known(tenantId, name),
    recentDeliveries: await notices.recent(tenantId, name, RECENT_TICKETS),
    signal,
  }
}

type Findings = Iterable<Finding> | AsyncIterable<Finding> | Promise<Iterable<Finding>>
type Check = (id: string, examine: () => Findings) => AsyncGenerator<Finding>

/** A fault of ours in one check must not hide what the others see. Nothing begins once the signal has gone. */
function createCheck({ log }: DoctorDeps, { tenantId, name }: Channel | Messenger, signal: AbortSignal): Check {
  return async function* check(id, examine) {
    try {
      signal.throwIfAborted()
      yield* await examine()
    } catch (error) {
      if (signal.aborted) throw error
      log.error({ err: error, tenantId, channel: name }, 'a check of the doctor broke off')
      yield { id, status: 'unknown', evidence: say('brokeOff'), code: 'internal' }
    }
  }
}
