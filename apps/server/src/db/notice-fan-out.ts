import type { NotificationRule, Uid } from '@countersign/contracts'
import { noChannel } from '#server/delivery/lane.ts'
import type { User } from '#server/tickets/ports.ts'

/** A delivery to be: queued, or with the reason why it never leaves. */
export interface PlannedDelivery {
  recipient: Uid
  channel: string
  state: 'queued' | 'failed' | 'suppressed'
  reason: { code: string; message: string } | null
}

/** Who is told: the recipients, and whom the rule adds. */
export function audience(recipients: readonly Uid[], rule: NotificationRule | null): Uid[] {
  return [...new Set([...recipients, ...(rule?.enabled === false ? [] : (rule?.additionalUsers ?? []))])]
}

/**
 * Through what each person is told. Without a rule: through every enabled channel to which they are bound. Nobody is
 * dropped silently: who cannot be reached gets a delivery that says why.
 */
export function planDeliveries(
  people: readonly Uid[],
  users: ReadonlyMap<Uid, Pick<User, 'disabled'>>,
  /** Enabled and registered channels by person. */
  reach: ReadonlyMap<Uid, readonly string[]>,
  rule: NotificationRule | null,
): PlannedDelivery[] {
  return people.flatMap((recipient): PlannedDelivery[] => {
    const never = (state: 'failed' | 'suppressed', code: string, message: string): PlannedDelivery[] => [
      { recipient, channel: noChannel, state, reason: { code, message } },
    ]
    if (rule?.enabled === false) {
      return never('suppressed', 'rule_off', `the rule for ${rule.module}, ${rule.event} is switched off`)
    }
    const user = users.get(recipient)
    if (user === undefined) return never('failed', 'no_channel', `no person of this tenant has the uid ${recipient}`)
    if (user.disabled) return never('failed', 'no_channel', `${recipient} is disabled`)
    const bound = reach.get(recipient) ?? []
    const allowed = rule?.channels
    const chosen = bound.filter((channel) => allowed === undefined || allowed.some((name) => name === channel))
    if (chosen.length > 0) {
      return chosen.map((channel) => ({ recipient, channel, state: 'queued', reason: null }))
    }
    const through = allowed === undefined ? 'no enabled channel' : `none of the rule's channels (${allowed.join(', ')})`
    return never('failed', 'no_channel', `${recipient} is bound to ${through}`)
  })
}
