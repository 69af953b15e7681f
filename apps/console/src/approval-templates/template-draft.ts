import type { ApprovalTemplate, NodeRule, Risk, Surface } from '@countersign/contracts'
import type { MessageKey } from '../i18n/i18n.ts'

export const ruleKinds = ['any', 'all', 'quorum'] as const
export const timeUnits = ['minutes', 'hours', 'days'] as const
type TimeUnit = (typeof timeUnits)[number]
const minutesIn: Record<TimeUnit, number> = { minutes: 1, hours: 60, days: 24 * 60 }

export interface NodeDraft {
  /** Of the form alone: a node stays itself while others are moved. */
  key: number
  name: string
  approvers: string[]
  kind: (typeof ruleKinds)[number]
  quorum: number
}

/** A reminder: so long after somebody was asked. */
export interface ReminderDraft {
  key: number
  amount: number
  unit: TimeUnit
  /** As an urgent message, where the channel has such. */
  buzz: boolean
}

/** A template as it stands in the form. */
export interface TemplateDraft {
  id: string
  module: string
  /** Empty: as the ticket says, else medium. */
  risk: Risk | ''
  /** Empty: by the risk. */
  surfaces: Surface[]
  /** Null: never. */
  expireAmount: number | null
  expireUnit: TimeUnit
  rejectWhenQuorumImpossible: boolean
  /** Null: as the tenant has it. Empty: nobody is reminded. */
  reminders: ReminderDraft[] | null
  nodes: NodeDraft[]
}

let keys = 0
/** The next step of a ladder: a day later than the one before. */
export function nextReminder(before: ReminderDraft | undefined): ReminderDraft {
  keys += 1
  if (before === undefined) return { key: keys, amount: 4, unit: 'hours', buzz: false }
  const { amount, unit } = shown(before.amount * minutesIn[before.unit] + minutesIn.days)
  return { key: keys, amount, unit, buzz: false }
}

export function emptyNode(): NodeDraft {
  keys += 1
  return { key: keys, name: '', approvers: [], kind: 'any', quorum: 2 }
}

export function draftOf(template: ApprovalTemplate | undefined): TemplateDraft {
  return {
    id: template?.id ?? '',
    module: template?.module ?? '',
    risk: template?.risk ?? '',
    surfaces: [...(template?.surfaces ?? [])],
    ...expiryOf(template?.expireAfter),
    rejectWhenQuorumImpossible: template?.rejectWhenQuorumImpossible ?? false,
    reminders: template?.reminders?.map(reminderDraftOf) ?? null,
    nodes: template?.nodes.map(nodeDraftOf) ?? [emptyNode()],
  }
}

function nodeDraftOf({ name, approvers, rule }: ApprovalTemplate['nodes'][number]): NodeDraft {
  const isQuorum = typeof rule === 'object'
  return {
    ...emptyNode(),
    name,
    approvers: [...approvers],
    kind: isQuorum ? 'quorum' : rule,
    quorum: isQuorum ? rule.quorum : 2,
  }
}

function reminderDraftOf({ after, buzz = false }: NonNullable<ApprovalTemplate['reminders']>[number]): ReminderDraft {
  keys += 1
  return { key: keys, ...shown(minutesOf(after) ?? 0), buzz }
}

/** The template of the form; `base` keeps what the form does not show. */
export function templateOf(draft: TemplateDraft, base: ApprovalTemplate | undefined): ApprovalTemplate {
  const {
    risk: _risk,
    surfaces: _surfaces,
    expireAfter,
    rejectWhenQuorumImpossible: _reject,
    reminders,
    ...kept
  } = base ?? {}
  const wasExpiry = expiryOf(expireAfter)
  const isSame = wasExpiry.expireAmount === draft.expireAmount && wasExpiry.expireUnit === draft.expireUnit
  const after = isSame ? expireAfter : durationOf(draft)
  return {
    ...kept,
    id: draft.id.trim(),
    module: draft.module.trim(),
    nodes: draft.nodes.map(({ name, approvers, kind, quorum }) => {
      const rule: NodeRule = kind === 'quorum' ? { quorum } : kind
      return { name: name.trim(), approvers, rule }
    }),
    ...(draft.risk === '' ? {} : { risk: draft.risk }),
    ...(draft.surfaces.length === 0 ? {} : { surfaces: draft.surfaces }),
    ...(after === undefined ? {} : { expireAfter: after }),
    ...(draft.rejectWhenQuorumImpossible ? { rejectWhenQuorumImpossible: true } : {}),
    ...(draft.reminders === null ? {} : { reminders: remindersOf(draft.reminders, reminders) }),
  }
}

/** The first thing that the person can mend before anything is sent; the server checks all of it again. */
export function problemOf(draft: TemplateDraft): MessageKey | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(draft.id.trim())) return 'templates.idBad'
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(draft.module.trim())) return 'templates.moduleBad'
  if (draft.nodes.some(({ name }) => name.trim() === '')) return 'templates.nodeNameMissing'
  if (draft.nodes.some(({ approvers }) => approvers.length === 0)) return 'templates.approversMissing'
  if (draft.nodes.some(({ kind, quorum, approvers }) => kind === 'quorum' && quorum > approvers.length)) {
    return 'templates.quorumBad'
  }
  const reminders = draft.reminders?.map(({ amount, unit }) => amount * minutesIn[unit]) ?? []
  if (reminders.some((minutes, index) => minutes < (reminders[index - 1] ?? -minutesIn.hours) + minutesIn.hours)) {
    return 'templates.reminderTooSoon'
  }
  if (reminders.some((minutes) => minutes > longestReminder)) return 'templates.reminderTooLate'
  return null
}

const longestReminder = 60 * minutesIn.days

/** A step that says the same as before is written as before. */
function remindersOf(
  drafts: readonly ReminderDraft[],
  base: ApprovalTemplate['reminders'],
): NonNullable<ApprovalTemplate['reminders']> {
  return drafts.map(({ amount, unit, buzz }, index) => {
    const was = base?.[index]
    const isSame = was !== undefined && minutesOf(was.after) === amount * minutesIn[unit]
    return { after: isSame ? was.after : iso(amount, unit), buzz }
  })
}

function expiryOf(after: ApprovalTemplate['expireAfter']): Pick<TemplateDraft, 'expireAmount' | 'expireUnit'> {
  const minutes = minutesOf(after)
  if (minutes === null) return { expireAmount: null, expireUnit: 'hours' }
  const { amount, unit } = shown(minutes)
  return { expireAmount: amount, expireUnit: unit }
}

/** In the largest unit that fits. */
function shown(minutes: number): { amount: number; unit: TimeUnit } {
  const unit = timeUnits.findLast((each) => minutes % minutesIn[each] === 0) ?? 'minutes'
  return { amount: minutes / minutesIn[unit], unit }
}

/** Whole minutes of seconds or of `P2DT3H4M`. */
function minutesOf(after: ApprovalTemplate['expireAfter']): number | null {
  if (after === undefined) return null
  if (typeof after === 'number') return Math.ceil(after / 60)
  const [, days, hours, minutes] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(after) ?? []
  return Number(days ?? 0) * 24 * 60 + Number(hours ?? 0) * 60 + Number(minutes ?? 0)
}

function durationOf({ expireAmount, expireUnit }: TemplateDraft): string | undefined {
  return expireAmount === null ? undefined : iso(expireAmount, expireUnit)
}

const iso = (amount: number, unit: TimeUnit): string =>
  ({ minutes: `PT${amount}M`, hours: `PT${amount}H`, days: `P${amount}D` })[unit]
