import { ChannelName, type DoctorReport, type FindingStatus, type FindingView } from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { createOutgoingGuards } from '#server/channels/messenger-deps.ts'
import { createMessenger, isMessengerName } from '#server/channels/messenger-registry.ts'
import { openChannel } from '#server/channels/open-channel.ts'
import { isChannelName } from '#server/channels/registry.ts'
import { type Config, loadConfig } from '#server/config/config.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { OpenedStore } from '#server/db/sqlite-store.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { createDoctor, type Doctor } from '#server/doctor/doctor.ts'
import { reportOf, viewFinding } from '#server/doctor/report.ts'
import type { PlainLog } from '#server/log.ts'
import { type CallMeter, createCallMeter } from '#server/quota/call-meter.ts'
import { type Command, CommandFailed, type CommandInput } from './command.ts'
import { expectDatabase, openSealedHost } from './host.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: '[--tenant <id>] [--channel <name>] [--json] [--replace-callback]',
  summary: 'look at every channel for what is wrong with it, with evidence',
  options: {
    tenant: { type: 'string' },
    channel: { type: 'string' },
    json: { type: 'boolean' },
    'replace-callback': { type: 'boolean' },
  },
  takes: 0,
  async run(input) {
    const config = loadConfig(input.folder, input.variables)
    expectDatabase(config)
    const { store: opened, sealer } = await openSealedHost(config)
    await using store = opened
    const records = await wantedChannels(store, input)
    await using callMeter = createMeter(store, records, input)
    const examined = await examineAll(createOwnDoctor(config, { store, sealer, callMeter }, input), records, input)
    if (input.options.json === true) input.out(JSON.stringify(examined, null, 2))
    const failed = examined.filter(({ status }) => status === 'failed')
    if (failed.length === 0) return
    throw new CommandFailed(`failed: ${failed.map(({ tenant, channel }) => `${tenant} ${channel}`).join(', ')}`)
  },
}

type Examined = DoctorReport & { tenant: string }

/** Those that are on, or the one that is named. */
async function wantedChannels(store: OpenedStore, { options }: CommandInput): Promise<ChannelRecord[]> {
  const { tenants } = store.stores
  const ids = (await tenants.tenants()).map(({ id }) => id)
  const chosen = ids.filter((id) => options.tenant === undefined || id === options.tenant)
  if (chosen.length === 0) throw new CommandFailed('there is no such tenant')
  const name = options.channel === undefined ? null : ChannelName.safeParse(options.channel)
  if (name !== null && !name.success)
    throw new CommandFailed(`--channel must be one of ${ChannelName.options.join(', ')}`)
  const records = (await Promise.all(chosen.map((id) => tenants.channels(id)))).flat()
  const wanted = records.filter((record) => (name === null ? record.enabled : record.name === name.data))
  if (wanted.length === 0) throw new CommandFailed('there is no such channel')
  return wanted
}

/** What the doctor asks is counted like any other call, beside what the running host counts. */
function createMeter(store: OpenedStore, records: readonly ChannelRecord[], input: CommandInput): CallMeter {
  return createCallMeter({
    store,
    quotaOf: async ({ tenantId, channel }) => {
      const record = records.find((each) => each.tenantId === tenantId && each.name === channel)
      const opened = record === undefined ? null : openChannel(record, { ...silence, now: Date.now })
      return opened?.callQuota ?? null
    },
    log: complainingLog(input),
    now: Date.now,
  })
}

const silence = { log: { debug: () => undefined }, callMeter: { count: () => undefined } }

function complainingLog({ complain }: CommandInput): PlainLog {
  const say = (fields: object, message: string): void =>
    complain('err' in fields ? `${message}: ${reasonOf(fields.err)}` : message)
  return { warn: say, error: say }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 300) : String(error)
}

interface Opened {
  store: OpenedStore
  sealer: Sealer
  callMeter: CallMeter
}

function createOwnDoctor(config: Config, { store, sealer, callMeter }: Opened, input: CommandInput): Doctor {
  const { publicUrl } = config
  return createDoctor({
    store,
    open: (record) => openAny(record, callMeter),
    // Connecting from here would take what is meant for the running host.
    connections: null,
    async register(channel, options) {
      if (channel.registerCallback === undefined) throw new Error(`${channel.name} is not told where its callbacks go`)
      return channel.registerCallback(publicUrl, options)
    },
    callMeter,
    sealer,
    // The host does, within a second.
    noteSightings: async () => undefined,
    publicUrl,
    log: complainingLog(input),
    now: Date.now,
  })
}

function openAny(record: ChannelRecord, callMeter: CallMeter): Channel | Messenger | null {
  if (isChannelName(record.name)) return openChannel(record, { ...silence, callMeter, now: Date.now })
  return isMessengerName(record.name)
    ? createMessenger(record, { now: Date.now, egress: createOutgoingGuards(), mailLinks: noMailLinks })
    : null
}

/** Links stand in notices alone, and from here nobody is sent one. */
const noMailLinks = {
  decisions: async () => null,
  signOff(): never {
    throw new Error('the doctor writes no notices')
  },
}

const reader = { locale: 'en', place: 'cli' } as const

/** One channel after the other. Unless asked for JSON, each finding is printed as it is made. */
async function examineAll(
  { examine }: Doctor,
  records: readonly ChannelRecord[],
  { options, out }: CommandInput,
): Promise<Examined[]> {
  const examined: Examined[] = []
  const isJson = options.json === true
  for (const { tenantId, name } of records) {
    if (!isJson) out(`${tenantId} ${name}`)
    const diagnosis = await examine(tenantId, name, {
      replaceCallback: options['replace-callback'] === true,
      actor: 'cli',
      watcher(finding) {
        if (!isJson) for (const line of findingLines(viewFinding(finding, reader))) out(line)
      },
    })
    if (diagnosis === null) continue
    const report = reportOf(diagnosis, reader)
    examined.push({ tenant: tenantId, ...report })
    if (!isJson) for (const line of [`${tenantId} ${name}: ${marks[report.status]}`, '']) out(line)
  }
  return examined
}

const marks: Readonly<Record<FindingStatus, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failed: 'FAILED',
  unknown: 'unknown',
}
const markWidth = 7
/** What is found next is not known yet: most titles are shorter. */
const titleWidth = 34
const indent = ' '.repeat(markWidth + 4)

function findingLines(finding: FindingView): string[] {
  const { id, title, status, optional, evidence, fix, link } = finding
  const mark = marks[status].padEnd(markWidth)
  const name = optional ? `${id} (optional)` : id
  const first = `  ${mark}  ${title.padEnd(titleWidth)}  ${name}`
  const more = status === 'ok' ? [] : [fix === null ? null : `→ ${fix}`, link]
  return [first, ...[evidence, ...more].flatMap((line) => (line === null ? [] : [`${indent}${line}`]))]
}
