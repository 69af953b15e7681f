import type { NotificationRule, Uid } from '@countersign/contracts'
import { type Held, holdFor, type Timing } from '#server/delivery/hold.ts'
import { noChannel } from '#server/delivery/lane.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import type { Notice, User } from '#server/tickets/ports.ts'

/** A delivery to be: queued, or with the reason why it never leaves. */
export interface PlannedDelivery {
  recipient: Uid
  channel: string
  state: 'queued' | 'failed' | 'suppressed'
  reason: { code: string; message: string } | null
  /** Null: it is due at once, or never. */
  held: Held | null
}

/** A registered channel that the tenant has enabled and to which the person is bound. */
export interface ReachableChannel {
  channel: string
  /** The person wants to be told through it. */
  isWanted: boolean
  /** It holds what it carries for the person's summary. */
  isDigest: boolean
}

/** How one person can be reached, and when. */
export interface Reach {
  channels: ReachableChannel[]
  timing: Timing
}

/** Who is told: the recipients, and whom the rule adds, by role and by name. */
export function audience(
  notice: Pick<Notice, 'recipients' | 'related' | 'owners'>,
  rule: NotificationRule | null,
  /** The people of the tenant who have one of the rule's other roles. */
  byRole: readonly Uid[],
): Uid[] {
  if (rule === null || !rule.enabled) return [...new Set(notice.recipients)]
  const related = rule.roles.includes('related') ? notice.related : []
  const owners = rule.roles.includes('data_owner') ? notice.owners : []
  return [...new Set([...notice.recipients, ...related, ...owners, ...byRole, ...rule.additionalUsers])]
}

/** What is planned for everybody: what is told, to whom it may be urgent, and when it could be told. */
export interface Occasion {
  at: number
  /** By when an answer is awaited (epoch ms), from those who are asked; null: by no time. */
  deadline: number | null
  asked: ReadonlySet<Uid>
}

export function occasionOf({ event, recipients, dueAt, at }: Notice): Occasion {
  return { at, deadline: dueAt, asked: new Set(asksForDecision(event) ? recipients : []) }
}

/**
 * Through what each person is told, and when. Without a rule: through every enabled channel to which they are bound and
 * which they want. Nobody is dropped silently: who cannot be reached gets a delivery that says why.
 */
export function planDeliveries(
  people: readonly Uid[],
  users: ReadonlyMap<Uid, Pick<User, 'disabled'>>,
  reach: ReadonlyMap<Uid, Reach>,
  rule: NotificationRule | null,
  occasion: Occasion,
): PlannedDelivery[] {
  return people.flatMap((recipient): PlannedDelivery[] => {
    const never = (state: 'failed' | 'suppressed', code: string, message: string): PlannedDelivery[] => [
      { recipient, channel: noChannel, state, reason: { code, message }, held: null },
    ]
    if (rule?.enabled === false) {
      return never('suppressed', 'rule_off', `the rule for ${rule.module}, ${rule.event} is switched off`)
    }
    const user = users.get(recipient)
    if (user === undefined) return never('failed', 'no_channel', `no person of this tenant has the uid ${recipient}`)
    if (user.disabled) return never('failed', 'no_channel', `${recipient} is disabled`)
    const own = reach.get(recipient)
    const allowed = allowedChannels(own?.channels ?? [], rule)
    const chosen = allowed.filter(({ isWanted }) => isWanted)
    if (own === undefined || chosen.length === 0) {
      return never('failed', 'no_channel', whyUnreachable(recipient, allowed, rule))
    }
    return chosen.map(({ channel, isDigest }) => ({
      recipient,
      channel,
      state: 'queued',
      reason: null,
      held: heldFor(recipient, occasion, own.timing, isDigest),
    }))
  })
}

/** Until when somebody is left alone. */
export function heldFor(recipient: Uid, occasion: Occasion, timing: Timing, isDigest: boolean): Held | null {
  const deadline = occasion.asked.has(recipient) ? occasion.deadline : null
  return holdFor(occasion.at, timing, isDigest, deadline)
}

function allowedChannels(bound: readonly ReachableChannel[], rule: NotificationRule | null): ReachableChannel[] {
  const allowed = rule?.channels
  return bound.filter(({ channel }) => allowed === undefined || allowed.some((name) => name === channel))
}

function whyUnreachable(
  recipient: Uid,
  switchedOff: readonly ReachableChannel[],
  rule: NotificationRule | null,
): string {
  if (switchedOff.length > 0) {
    return `${recipient} has switched off ${switchedOff.map(({ channel }) => channel).join(', ')}, and nothing else is left`
  }
  const allowed = rule?.channels
  const through = allowed === undefined ? 'no enabled channel' : `none of the rule's channels (${allowed.join(', ')})`
  return `${recipient} is bound to ${through}`
}
