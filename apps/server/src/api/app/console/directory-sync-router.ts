import { type ChannelName, channelNames } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { NotificationSettingsDeps } from '#server/api/app/notification-settings/deps.ts'
import { leaveAddress } from '#server/api/app/notification-settings/leave-address.ts'
import type { Channel } from '#server/channels/channel.ts'
import { type ChannelDirectory, OutOfRange, PermissionMissing } from '#server/channels/channel-directory.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import { isChannelName } from '#server/channels/registry.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { Store } from '#server/db/stores.ts'
import { type ApplyDeps, applySync, mostAtOnce } from '#server/directory-sync/apply.ts'
import { type CallDeps, createCalls } from '#server/directory-sync/calls.ts'
import { CallsKept } from '#server/directory-sync/failure.ts'
import { loadPlan } from '#server/directory-sync/load.ts'
import { type DirectoryReader, mostDepartments, mostPeople } from '#server/directory-sync/reader.ts'
import { viewDirectory, viewPlan } from '#server/directory-sync/view.ts'
import { AppError } from '#server/errors.ts'
import type { By } from '#server/people/change.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

export interface DirectorySyncDeps extends Pick<NotificationSettingsDeps, 'locale' | 'newId'> {
  store: Store
  sessions: Sessions
  channels: Pick<LiveChannels, 'get' | 'list'>
  reader: DirectoryReader
  calls: CallDeps
  callMeter: Pick<CallMeter, 'usage'>
  sealer: Sealer
  now: () => number
  /** Something may be due for delivery. */
  committed: () => void
}

/** Many people may be left out, or said to be somebody. */
export const directorySyncPath = '/api/app/console/people-sync'
export const directorySyncBytes = 512 * 1024

/** A page waits for this. */
const answerWithinMs = 20_000
const triesWhileWaiting = 2

type WithDirectory = Channel & { directory: ChannelDirectory }

/** People of a tenant, from the directory of a platform. */
export function directorySyncRouter(deps: DirectorySyncDeps): Router {
  const router = Router()
  const { store, reader, now } = deps
  const { stores } = store
  const on = forRoles(router, deps.sessions)
  const by = (admin: User): By => ({ admin, at: now() })
  const directoryOf = async ({ tenantId }: User, name: ChannelName): Promise<WithDirectory> => {
    if (!isChannelName(name)) throw new AppError('not_found', `${name} has no directory`)
    const channel = await deps.channels.get(tenantId, name)
    if (channel === null) throw new AppError('channel_not_enabled', `${name} is not enabled here`)
    if (!hasDirectory(channel)) throw new AppError('not_found', `${name} has no directory`)
    return channel
  }
  const view = async (channel: Channel) => viewDirectory(stores, channel, await deps.callMeter.usage(channel), now())
  const applying: ApplyDeps = {
    sealer: deps.sealer,
    leaveAccount: (tx, whose, next) => leaveAddress(deps, tx, { ...whose, isSelf: false, session: null }, next),
  }

  on('listDirectories', async ({ who }) => {
    const live = (await deps.channels.list(who.tenantId)).filter(hasDirectory)
    const channels = channelNames.flatMap((name) => live.filter((channel) => channel.name === name))
    return { items: await Promise.all(channels.map(view)), mostPeople, mostDepartments, mostAtOnce }
  })
  on('getDirectory', async ({ who, channel }) => view(await directoryOf(who, channel)))
  on('listDepartments', async ({ who, channel, query }) => {
    const live = await directoryOf(who, channel)
    const signal = AbortSignal.timeout(answerWithinMs)
    const call = createCalls({ ...deps.calls, mostTries: triesWhileWaiting }, live, signal, () => undefined)
    const items = await saying(() => live.directory.departments(query.parent ?? null, call))
    return { items, estimatedCalls: estimate(live.directory, items) }
  })

  on('startDirectoryRead', async ({ who, channel, body }) => {
    const live = await directoryOf(who, channel)
    await reader.start(by(who), live, body.departments)
    return view(live)
  })
  on('cancelDirectoryRead', async ({ who, channel }) => {
    const live = await directoryOf(who, channel)
    await reader.cancel(by(who), channel)
    return view(live)
  })

  on('previewDirectorySync', async ({ who, channel, body }) => {
    const { appId } = await directoryOf(who, channel)
    const plan = await loadPlan(stores, { tenantId: who.tenantId, channel, appId }, body, now())
    const named = plan.rows.flatMap(({ candidates }) => candidates)
    const people = await stores.people.rows(who.tenantId, [...new Set(named)])
    return viewPlan(plan, body, (uid) => people.get(uid)?.name ?? uid)
  })
  on('applyDirectorySync', async ({ who, channel, body }) => {
    const { appId } = await directoryOf(who, channel)
    const from = { tenantId: who.tenantId, channel, appId }
    const people = await stores.directoryReads.people(who.tenantId, body.readId)
    const applied = await store.run((tx) => applySync(applying, tx, by(who), from, body, people))
    deps.committed()
    return applied
  })
  return router
}

function hasDirectory(channel: Channel): channel is WithDirectory {
  return channel.directory !== undefined
}

/** At the least: every department takes two calls, and its people one for each page. */
function estimate({ pageSize }: ChannelDirectory, departments: readonly { members: number | null }[]): number | null {
  const members = departments.map((department) => department.members)
  if (members.length === 0 || members.some((count) => count === null)) return null
  return members.reduce<number>((sum, count) => sum + 1 + Math.max(1, Math.ceil((count ?? 0) / pageSize)), 2)
}

/** What a page can say of a platform's refusal. */
async function saying<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof PermissionMissing) {
      const permissions = error.permissions.join(' or ')
      throw new AppError('permission_missing', `the app lacks the permission ${permissions} (${error.code})`, {
        errors: error.permissions.map((permission) => ({ path: 'permission', message: permission })),
        cause: error,
      })
    }
    if (error instanceof OutOfRange) throw new AppError('not_found', `the app sees no such department (${error.code})`)
    if (error instanceof CallsKept) throw new AppError('quota_kept', 'the calls that are left are kept for approvals')
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    if (!(error instanceof ChannelError) && !isLate) throw error
    const code = error instanceof ChannelError ? error.code : 'timeout'
    throw new AppError('platform_unavailable', `the platform does not answer as it should (${code})`, { cause: error })
  }
}
