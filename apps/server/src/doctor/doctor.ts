import type { ChannelName, DoctorReport, FindingStatus, FindingView, Locale, TenantId } from '@countersign/contracts'
import type { CallbackRegistration, Channel } from '#server/channels/channel.ts'
import type { Connections } from '#server/channels/connections.ts'
import type { Examination, Finding } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { ChannelRecord, Store } from '#server/db/stores.ts'
import type { PlainLog } from '#server/log.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import { examineCallbacks } from './callbacks.ts'
import { examinePeople } from './people.ts'
import { doctorPhrases as say } from './phrases.ts'
import { examineRegistration } from './registration.ts'
import { examineConnection, examineQuota } from './state.ts'

export interface DoctorDeps {
  store: Store
  /** Opens a channel from its settings, switched on or not; null where this release has no adapter. Throws on bad settings. */
  open: (record: ChannelRecord) => Channel | Messenger | null
  /** Null where nobody holds connections: on the command line. */
  connections: Pick<Connections, 'stateOf'> | null
  /** Throws ChannelError. */
  register: (channel: Channel, options: { replace: boolean }) => Promise<CallbackRegistration>
  callMeter: Pick<CallMeter, 'usage'>
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
}

export interface Diagnosis {
  channel: ChannelName
  /** Epoch milliseconds. */
  at: number
  findings: Finding[]
}

/** How many of the newest tickets are looked at for what became of their cards. */
const RECENT_TICKETS = 50

export function createDoctor(deps: DoctorDeps): Doctor {
  const running = new Map<string, Promise<Diagnosis | null>>()
  return {
    examine(tenantId, name, options) {
      // Its questions cost calls of the month: who asks meanwhile is told the same.
      const key = JSON.stringify([tenantId, name, options])
      const diagnosis = running.get(key) ?? examineNow(deps, tenantId, name, options).finally(() => running.delete(key))
      running.set(key, diagnosis)
      return diagnosis
    },
  }
}

async function examineNow(
  deps: DoctorDeps,
  tenantId: TenantId,
  name: ChannelName,
  options: ExamineOptions,
): Promise<Diagnosis | null> {
  const record = await deps.store.stores.tenants.channel(tenantId, name)
  if (record === null) return null
  const at = deps.now()
  return { channel: name, at, findings: [...switchedOff(record), ...(await examineRecord(deps, record, options))] }
}

function switchedOff({ enabled }: ChannelRecord): Finding[] {
  return enabled ? [] : [{ id: 'enabled', status: 'warning', evidence: say('disabled'), fix: say('enable') }]
}

async function examineRecord(deps: DoctorDeps, record: ChannelRecord, options: ExamineOptions): Promise<Finding[]> {
  let opened: Channel | Messenger | null
  try {
    opened = deps.open(record)
  } catch (error) {
    deps.log.error({ err: error, tenantId: record.tenantId, channel: record.name }, 'channel settings cannot be used')
    return [{ id: 'settings', status: 'failed', evidence: say('badSettings'), fix: say('mendSettings') }]
  }
  if (opened === null || (!isChannel(opened) && opened.examine === undefined)) {
    return [{ id: 'adapter', status: 'unknown', evidence: say('noAdapter') }]
  }
  return isChannel(opened)
    ? examineChannel(deps, opened, options)
    : examineItself(deps, opened, await prepare(deps, opened, true))
}

/** A channel of cards; the other kind only tells, and is asked for nothing but its own findings. */
function isChannel(opened: Channel | Messenger): opened is Channel {
  return 'resolve' in opened
}

async function examineChannel(deps: DoctorDeps, channel: Channel, options: ExamineOptions): Promise<Finding[]> {
  const usage = await deps.callMeter.usage(channel)
  const examination = await prepare(deps, channel, usage === null || usage.calls < usage.quota)
  const { maySpendCalls } = examination
  const register = () => examineRegistration(deps, channel, { ...options, maySpendCalls })
  // One after the other: an app may not call as fast as it likes, and the first tells most.
  return [
    ...(await examineItself(deps, channel, examination)),
    ...(await guarded(deps, channel, 'callback_registration', register)),
    ...examineCallbacks(channel, examination),
    ...examineConnection(deps, channel),
    ...(await examineQuota(deps, channel)),
    ...(await guarded(deps, channel, 'people_unmapped', () => examinePeople(deps, channel))),
  ]
}

async function prepare(
  deps: DoctorDeps,
  { tenantId, name, appId }: Channel | Messenger,
  maySpendCalls: boolean,
): Promise<Examination> {
  await deps.noteSightings()
  const { directory, notices, sightings } = deps.store.stores
  return {
    publicUrl: deps.publicUrl,
    now: deps.now(),
    sightings: await sightings.of({ tenantId, channel: name, appId }),
    people: await directory.known(tenantId, name),
    recentDeliveries: await notices.recent(tenantId, name, RECENT_TICKETS),
    maySpendCalls,
  }
}

async function examineItself(
  deps: DoctorDeps,
  opened: Channel | Messenger,
  examination: Examination,
): Promise<Finding[]> {
  return guarded(deps, opened, 'examination', async () => (await opened.examine?.(examination)) ?? [])
}

/** A fault of ours in one check must not hide what the others see. */
async function guarded(
  deps: DoctorDeps,
  { tenantId, name }: Channel | Messenger,
  id: string,
  examine: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await examine()
  } catch (error) {
    deps.log.error({ err: error, tenantId, channel: name }, 'a check of the doctor broke off')
    return [{ id, status: 'unknown', evidence: say('brokeOff'), code: 'internal' }]
  }
}

const worstFirst: readonly FindingStatus[] = ['failed', 'warning', 'unknown', 'ok']

/** What was found, in a language. */
export function reportOf({ channel, at, findings }: Diagnosis, locale: Locale): DoctorReport {
  const needed = findings.filter(({ optional }) => optional !== true)
  const status = worstFirst.find((each) => needed.some((finding) => finding.status === each)) ?? 'ok'
  return {
    channel,
    at: new Date(at).toISOString(),
    status,
    findings: findings.map((finding) => findingView(finding, locale)),
  }
}

/** One finding, in a language. */
export function findingView(
  { id, status, optional = false, evidence, code, fix, link }: Finding,
  locale: Locale,
): FindingView {
  return {
    id,
    status,
    optional,
    evidence: evidence(locale),
    code: code ?? null,
    fix: fix?.(locale) ?? null,
    link: link ?? null,
  }
}
