import type { ChannelName, TenantId } from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { KeptRead, ReadProgress } from '#server/db/directory-read-store.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Log } from '#server/log.ts'
import type { By } from '#server/people/change.ts'
import { type CallDeps, createCalls } from './calls.ts'
import { DirectoryTooLarge, failureOf, ReadingStopped } from './failure.ts'
import { MissingFields } from './missing-fields.ts'

/** More are not read at once: what is planned with is held in memory as a whole. */
export const mostPeople = 30_000
export const mostDepartments = 20_000

/** Whoever reads says so this often, and asks whether to go on. */
const beatMs = 5_000
/** Silence of this length means that whoever read is gone. */
export const silenceMs = 30_000
/** Personal data that nobody has taken over. */
export const readsKeptMs = 24 * 60 * 60 * 1_000

export interface DirectoryReaderDeps extends CallDeps {
  store: Store
  channels: Pick<LiveChannels, 'get'>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  newId: () => string
}

/** Reads directories in the background. Any number of instances may: the row of a reading says who does. */
export interface DirectoryReader extends AsyncDisposable {
  /** Begins to read. Throws `conflict` while another reading goes on. */
  start(by: By, channel: Channel, departments: string[] | null): Promise<void>
  /** Stops a reading, on whichever instance. Nothing happens where there is none. */
  cancel(by: By, channel: ChannelName): Promise<void>
  /** Resolves when all that this instance is reading has come to an end. */
  drain(): Promise<void>
}

export function createDirectoryReader(deps: DirectoryReaderDeps): DirectoryReader {
  const running = new Map<string, { done: Promise<void>; stop: AbortController }>()
  const { store, now } = deps

  return {
    async start({ admin: { tenantId, uid }, at }, channel, departments) {
      const { name, appId } = channel
      const id = deps.newId()
      const begun = await store.run(async (tx) => {
        const read = { tenantId, channel: name, id, appId, startedBy: uid, startedAt: at, departments }
        if (!(await tx.directoryReads.begin(read, now() - silenceMs))) return false
        const entry = { tenantId, at, actor: uid, action: 'directory.read', target: `channel:${name}` }
        await tx.audit.append({ ...entry, detail: { readId: id, departments: departments?.join(' ') ?? null } })
        return true
      })
      if (!begun) throw new AppError('conflict', `the directory of ${name} is being read already`)
      const stop = new AbortController()
      const done = readDirectory(deps, channel, { tenantId, channel: name, id }, departments, stop).finally(() => {
        running.delete(id)
      })
      running.set(id, { done, stop })
    },
    async cancel({ admin: { tenantId, uid }, at }, channel) {
      const read = await store.stores.directoryReads.read(tenantId, channel)
      if (read === null) return
      await store.run(async (tx) => {
        const end = { state: 'cancelled' as const, missing: [], failure: null }
        if (!(await tx.directoryReads.end(read, end, at))) return
        const entry = { tenantId, at, actor: uid, action: 'directory.cancel', target: `channel:${channel}` }
        await tx.audit.append({ ...entry, detail: { readId: read.id } })
      })
      running.get(read.id)?.stop.abort(new ReadingStopped('cancelled'))
    },
    async drain() {
      await Promise.all([...running.values()].map(({ done }) => done))
    },
    async [Symbol.asyncDispose]() {
      for (const { stop } of running.values()) stop.abort(new ReadingStopped('broken_off'))
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}

type Whose = Pick<KeptRead, 'tenantId' | 'channel' | 'id'>

/** Never rejects: however it ends stands in the row. */
async function readDirectory(
  deps: DirectoryReaderDeps,
  channel: Channel,
  whose: Whose,
  departments: string[] | null,
  stop: AbortController,
): Promise<void> {
  const { store, log, now } = deps
  const { tenantId } = whose
  const progress: ReadProgress = { departmentsFound: 0, departmentsRead: 0, calls: 0, isWhole: false }
  const fields = new MissingFields()
  const write = async (people: readonly DirectoryPerson[]): Promise<number> => {
    const written = await store.run((tx) => tx.directoryReads.advance(whose, progress, people, now()))
    if (written === null) throw new ReadingStopped('cancelled')
    return written.people
  }
  const beat = setInterval(() => {
    watch(deps, channel, tenantId, () => write([])).catch((error: unknown) => stop.abort(error))
  }, beatMs).unref()
  try {
    const { directory } = channel
    if (directory === undefined) throw new Error(`${channel.name} has no directory`)
    const call = createCalls(deps, channel, stop.signal, () => {
      progress.calls += 1
    })
    for await (const page of directory.read(departments, call)) {
      stop.signal.throwIfAborted()
      const { people, departmentsFound, departmentsRead, isWhole } = page
      Object.assign(progress, { departmentsFound, departmentsRead, isWhole })
      if (departmentsFound > mostDepartments) throw new DirectoryTooLarge('too_many_departments', mostDepartments)
      fields.see(people)
      const count = await write(people)
      if (count > mostPeople) throw new DirectoryTooLarge('too_many_people', mostPeople)
    }
    const missing = fields.missing(directory.fieldPermissions)
    await store.run((tx) => tx.directoryReads.end(whose, { state: 'read', missing, failure: null }, now()))
    log.info({ tenantId, channel: channel.name, readId: whose.id, ...progress }, 'a directory was read')
  } catch (thrown) {
    await endBadly(deps, whose, stop.signal.aborted ? stop.signal.reason : thrown)
  } finally {
    clearInterval(beat)
  }
}

/** Says that it is still being read, and notices when the channel is switched off. */
async function watch(
  { channels }: DirectoryReaderDeps,
  { name, appId }: Channel,
  tenantId: TenantId,
  beat: () => Promise<unknown>,
): Promise<void> {
  await beat()
  const live = await channels.get(tenantId, name)
  if (live?.appId !== appId) throw new ReadingStopped('channel_off')
}

async function endBadly({ store, log, now }: DirectoryReaderDeps, whose: Whose, error: unknown): Promise<void> {
  const { state, failure } = failureOf(error)
  const fields = { tenantId: whose.tenantId, channel: whose.channel, readId: whose.id, state, code: failure?.code }
  if (failure?.code === 'internal') log.error({ ...fields, err: error }, 'a directory could not be read')
  else log.info(fields, 'a directory was not read to its end')
  try {
    await store.run((tx) => tx.directoryReads.end(whose, { state, missing: [], failure }, now()))
  } catch (unwritten) {
    // The row falls silent, which is shown as broken off.
    log.warn({ ...fields, err: unwritten }, 'it could not be noted how the reading of a directory ended')
  }
}
