import { sql } from 'kysely'
import { callbackChannel, noChannel, sharedRecipient } from '#server/delivery/lane.ts'
import { bySize, statement } from './statement.ts'

/* What a decision and a submission write to the outbox: compiled once for each number of people concerned. */

type Named = Readonly<Record<string, string | number | null>>

/** Names of the values of a list, `uid0`, `uid1` … */
function places(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}`)
}

export interface BindingRow {
  uid: string
  channel: string
  /** JSON. */
  address: string
  /** Whether the person wants to be told through it. */
  enabled: 0 | 1
  mode: string
  tenant_time_zone: string | null
  quiet_from: string | null
  quiet_to: string | null
  digest_at: string | null
}

/**
 * The enabled channels to which each of so many people is bound, and when they want to be told. Values: `tenantId`,
 * `uid…`.
 */
export const enabledBindings = bySize<Named, BindingRow>((count) =>
  statement((db, value) => ({
    compile: () =>
      sql<BindingRow>`
        select bound.uid, bound.channel, bound.address, bound.enabled, bound.mode, tenants.time_zone as tenant_time_zone,
          wish.quiet_from, wish.quiet_to, wish.digest_at
        from user_channels as bound
        join channels on channels.tenant_id = bound.tenant_id and channels.name = bound.channel
        join tenants on tenants.id = bound.tenant_id
        left join notification_preferences as wish on wish.tenant_id = bound.tenant_id and wish.uid = bound.uid
        where bound.tenant_id = ${value('tenantId')} and channels.enabled = 1
          and bound.uid in (${sql.join(places('uid', count).map((name) => sql`${value(name)}`))})
        order by bound.uid, bound.channel`.compile(db),
  })),
)

/**
 * So many deliveries of one notice; gives the ids of those that were not there before. Values: `tenantId`, `ticketId`,
 * `key`, `event`, `at`, and for each `id…`, `recipient…`, `channel…`, `state…`, `dueAt…`, `waitsFor…`, `carriedBy…`.
 */
export const insertDeliveryRows = bySize<Named, { id: string }>((count) =>
  statement((db, value) => ({
    compile: () => {
      const rows = Array.from({ length: count }, (_, n) => {
        const own = (name: string) => sql`${value(`${name}${n}`)}`
        return sql`(${value('tenantId')}, ${own('id')}, ${value('ticketId')}, ${value('key')}, ${value('event')},
          ${own('recipient')}, ${own('channel')}, ${own('state')},
          coalesce((select version from tickets where tenant_id = ${value('tenantId')} and id = ${value('ticketId')}), 1),
          0, ${own('dueAt')}, ${own('waitsFor')}, ${own('carriedBy')}, 0, ${value('at')}, ${value('at')})`
      })
      return sql<{ id: string }>`
        insert into deliveries (tenant_id, id, ticket_id, notice_key, event, recipient, channel, state,
          wanted_version, shown_version, due_at, waits_for, carried_by, tries, created_at, updated_at)
        values ${sql.join(rows)} on conflict do nothing returning id`.compile(db)
    },
  })),
)

/**
 * Brings every card of a ticket to `version`, and suppresses requests not sent yet. One statement, because a worker may
 * be taking one of these rows this very moment: whichever comes first, a card being sent right now is found out of date
 * when its sending is reported. Values: `tenantId`, `ticketId`, `version`, `at`, `tappedUid`, `tappedChannel`,
 * `tappedDueAt`, and `passed…` for so many people who are no longer asked; −1 stands for everybody. A person's part in a
 * shared card has a due time of its own only while it is held.
 */
const refreshRows = (sharedChannels: readonly string[]) =>
  bySize<Named, { id: string; state: string; carried_by: string | null }>((passed) =>
    statement((db, value) => ({
      compile: () => {
        const list = places('passed', passed).map((name) => sql`${value(name)}`)
        const noLongerAsked =
          passed < 0 ? sql`1 = 1` : passed === 0 ? sql`1 = 0` : sql`recipient in (${sql.join(list)})`
        const isCarrier = sql`recipient = ${sql.lit(sharedRecipient)}`
        const isCarried =
          sharedChannels.length === 0
            ? sql`1 = 0`
            : sql`channel in (${sql.join(sharedChannels.map((name) => sql.lit(name)))})`
        const isMute = sql`not ${isCarrier} and state = 'queued' and message is null and first_tried_at is null
        and event in ('pending', 'reminded', 'changed') and ${noLongerAsked}`
        const waits = sql`state = 'sending' or message is null`
        return sql<{ id: string; state: string; carried_by: string | null }>`
        update deliveries set
          wanted_version = ${value('version')},
          state = case when ${isMute} then 'suppressed' else state end,
          due_at = case when ${isMute} then null
            when ${waits} or (${isCarried} and not ${isCarrier}) then due_at
            when recipient = ${value('tappedUid')} and channel = ${value('tappedChannel')} then ${value('tappedDueAt')}
            else ${value('at')} end,
          waits_for = case when ${isMute} then null else waits_for end,
          tries = case when ${waits} then tries else 0 end,
          updated_at = ${value('at')}
        where tenant_id = ${value('tenantId')} and ticket_id = ${value('ticketId')}
          and channel not in (${sql.lit(callbackChannel)}, ${sql.lit(noChannel)})
          and state <> 'suppressed' and (state <> 'failed' or message is not null)
        returning id, state, carried_by`.compile(db)
      },
    })),
  )

const refreshers = new WeakMap<readonly string[], ReturnType<typeof refreshRows>>()

/** The statement for a build in which these channels show one card to many: there the carrier alone comes due. */
export function refreshDeliveryRows(sharedChannels: readonly string[]): ReturnType<typeof refreshRows> {
  const known = refreshers.get(sharedChannels)
  if (known !== undefined) return known
  const fresh = refreshRows(sharedChannels)
  refreshers.set(sharedChannels, fresh)
  return fresh
}
