import type { Channel } from '#server/channels/channel.ts'
import { quotaState } from '#server/channels/channel-state.ts'
import type { Finding } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { MeteredChannel } from '#server/quota/call-meter.ts'
import type { DoctorDeps } from './doctor.ts'
import { doctorPhrases as say } from './phrases.ts'

/** How the connection of this instance is, where the channel has one. */
export function examineConnection({ connections }: Pick<DoctorDeps, 'connections'>, channel: Channel): Finding[] {
  if (channel.connect === undefined) return []
  const id = 'connection'
  if (connections === null) return [{ id, status: 'unknown', evidence: say('notHere'), fix: say('askHost') }]
  const state = connections.stateOf(channel)
  if (state === null) return [{ id, status: 'unknown', evidence: say('notConnected'), fix: say('tryAgain') }]
  const since = new Date(state.since).toISOString()
  if (state.status === 'open') return [{ id, status: 'ok', evidence: say('open', { since }) }]
  const { reason } = state
  const evidence = say(state.status === 'down' ? 'down' : 'connecting', { since, reason: reason ?? '–' })
  const status = state.status === 'down' || reason !== null ? 'failed' : 'unknown'
  return [{ id, status, evidence, ...(reason === null ? {} : { code: reason }), fix: say('mendConnection') }]
}

/** How many calls of the month are left, where they are limited. */
export async function examineQuota(
  { callMeter }: Pick<DoctorDeps, 'callMeter'>,
  channel: MeteredChannel,
): Promise<Finding[]> {
  const state = await quotaState({ callMeter }, channel)
  if (state === null) return []
  const { calls, quota, forecast, warning, savings } = state
  const id = 'quota'
  const evidence = say('quota', { calls, quota, forecast, savings: [...savings].join(', ') || '–' })
  const isShort = warning !== null || forecast > quota
  if (!isShort) return [{ id, status: 'ok', evidence }]
  return [{ id, status: calls >= quota ? 'failed' : 'warning', evidence, fix: say('raiseQuota') }]
}

/** Whether messages wait for a limit, the platform's or ours. */
export async function examineLimit(
  { store }: Pick<DoctorDeps, 'store'>,
  { tenantId, name }: Messenger,
): Promise<Finding> {
  const id = 'rate_limit'
  const held = await store.stores.notices.heldByLimit(tenantId, name)
  if (held === null) return { id, status: 'ok', evidence: say('nothingHeld') }
  const evidence = say('heldByLimit', { count: held.count, until: new Date(held.until).toISOString() })
  return { id, status: 'warning', evidence, fix: say('waitOrSpread') }
}
