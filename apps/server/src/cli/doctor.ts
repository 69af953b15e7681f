import { ChannelName, type DoctorReport, type FindingStatus, type FindingView } from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { createOutgoingGuards } from '#server/channels/messenger-deps.ts'
import { createMessenger, isMessengerName } from '#server/channels/messenger-registry.ts'
import { openChannel } from '#server/channels/open-channel.ts'
import { isChannelName } from '#server/channels/registry.ts'
import { type Config, loadConfig } from '#server/config/config.ts'
import type { OpenedStore } from '#server/db/sqlite-store.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { createDoctor, type Doctor, reportOf } from '#server/doctor/doctor.ts'
import type { PlainLog } from '#server/log.ts'
import { type CallMeter, createCallMeter } from '#server/quota/call-meter.ts'
import { type Command, CommandFailed, type CommandInput } from './command.ts'
import { expectDatabase, openHost } from './host.ts'

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
    await using store = await openHost(config)
    const records = await wantedChannels(store, input)
    await using callMeter = createMeter(store, records, input)
    const examined = await examineAll(createOwnDoctor(config, store, callMeter, input), records, input)
    if (input.options.json === true) input.out(JSON.stringify(examined, null, 2))
    else for (const each of examined) for (const line of linesOf(each)) input.out(line)
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

function createOwnDoctor(config: Config, store: OpenedStore, callMeter: CallMeter, input: CommandInput): Doctor {
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

async function examineAll(
  { examine }: Doctor,
  records: readonly ChannelRecord[],
  { options }: CommandInput,
): Promise<Examined[]> {
  const examined: Examined[] = []
  for (const { tenantId, name } of records) {
    const diagnosis = await examine(tenantId, name, {
      replaceCallback: options['replace-callback'] === true,
      actor: 'cli',
    })
    if (diagnosis !== null) examined.push({ tenant: tenantId, ...reportOf(diagnosis, 'en') })
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

function linesOf({ tenant, channel, status, findings }: Examined): string[] {
  const width = Math.max(...findings.map((finding) => nameOf(finding).length))
  const lines = findings.flatMap((finding) => findingLines(finding, width))
  return [`${tenant} ${channel}: ${marks[status]}`, ...lines, '']
}

function findingLines(finding: FindingView, width: number): string[] {
  const { status, evidence, fix, link } = finding
  const first = `  ${marks[status].padEnd(markWidth)}  ${nameOf(finding).padEnd(width)}  ${evidence}`
  const more = status === 'ok' ? [] : [fix === null ? null : `→ ${fix}`, link]
  const indent = ' '.repeat(markWidth + width + 6)
  return [first, ...more.flatMap((line) => (line === null ? [] : [`${indent}${line}`]))]
}

function nameOf({ id, optional }: FindingView): string {
  return optional ? `${id} (optional)` : id
}
