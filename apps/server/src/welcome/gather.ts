import { type GuidedChannel, guidedChannels, type TenantId, type Welcome } from '@countersign/contracts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { ChannelRow } from '#server/db/settings-store.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import { isPrivate } from '#server/doctor/callbacks.ts'
import type { User } from '#server/tickets/ports.ts'
import { isTrialTap } from '#server/trials/tap.ts'
import { type Known, stepFacts } from './facts.ts'

export interface WelcomeDeps {
  store: Store
  channels: Pick<LiveChannels, 'of'>
  publicUrl: string
  /** As Alibaba Cloud calls it. */
  region: string | null
}

/** How far the set-up of every chat platform has come, for one person. Asks no platform. */
export async function welcome({ store, channels, publicUrl, region }: WelcomeDeps, user: User): Promise<Welcome> {
  const { stores } = store
  const { tenantId } = user
  const [rows, diagnoses, bindings] = await Promise.all([
    stores.settings.channelRows(tenantId),
    stores.diagnoses.of(tenantId),
    stores.people.bindings(tenantId, user.uid),
  ])
  const platforms = await Promise.all(
    guidedChannels.map(async (channel) => {
      const row = rows.find(({ name }) => name === channel)
      const record = row === undefined ? null : await stores.tenants.channel(tenantId, channel)
      const live = record === null || !record.enabled ? null : channels.of(record)
      const binding = bindings.find((each) => each.channel === channel)
      const known: Known = {
        isConfigured: row !== undefined,
        enabled: row?.enabled === 1,
        live,
        settingsAt: record?.updatedAt ?? 0,
        diagnosis: diagnoses.find((each) => each.channel === channel) ?? null,
        binding:
          binding === undefined ? null : { isWanted: binding.enabled, isContested: binding.account === 'contested' },
        trial: await trialsOf(stores, user, channel),
      }
      return { channel, ...stateOf(row), steps: stepFacts(known) }
    }),
  )
  return {
    host: { publicUrl, region, isPublic: !isPrivate(publicUrl) },
    isOffered: platforms.every(({ enabled }) => !enabled),
    platforms,
    next: await nextOf(stores, tenantId, user.uid),
  }
}

const stateOf = (row: ChannelRow | undefined) => ({
  provisioned: row?.provisioned === 1,
  isConfigured: row !== undefined,
  enabled: row?.enabled === 1,
})

/** So far back is a tap looked for among trials that nobody answered. */
const trialsLookedAt = 10

async function trialsOf(stores: Stores, { tenantId, uid }: User, channel: GuidedChannel): Promise<Known['trial']> {
  const trials = await stores.trials.recent(tenantId, uid, channel, trialsLookedAt)
  const seen = await Promise.all(
    trials.map(async (trial) => {
      const ticket = await stores.tickets.find(tenantId, trial.ticketId)
      const decisions = ticket?.nodes.flatMap((node) => node.decisions) ?? []
      const tap = decisions.find((decision) => isTrialTap(trial, decision))
      return { isPending: ticket?.status === 'pending', tappedAt: tap?.at ?? null }
    }),
  )
  const [last] = seen
  if (last === undefined) return null
  const tapped = seen.find(({ tappedAt }) => tappedAt !== null)
  return { isPending: last.isPending, tappedAt: tapped?.tappedAt ?? null }
}

async function nextOf(stores: Stores, tenantId: TenantId, uid: string): Promise<Welcome['next']> {
  const [people, apiKeys, modules] = await Promise.all([
    stores.directory.list(tenantId, {}, { limit: 20 }),
    stores.tenants.apiKeys(tenantId),
    stores.tenants.usedModules(tenantId),
  ])
  const colleague = people.items.find((person) => person.uid !== uid && !person.disabled)
  return { colleague: colleague?.uid ?? null, hasApiKey: apiKeys.length > 0, hasTicket: modules.length > 0 }
}
