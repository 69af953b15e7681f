import { z } from 'zod'
import { Person } from './app.ts'
import { Module, Timestamp } from './identifiers.ts'
import { overviewDays, waitingAges } from './vocabulary.ts'

/*
 * What waits, how long approvals take and how deliveries fare, for those who oversee a tenant. Durations are milliseconds
 * from when a step began to a person's decision; days are those of the tenant's time zone.
 */

/** `GET /api/app/console/overview`. */
export const OverviewQuery = z.strictObject({
  /** How far back, in days. */
  days: z.coerce
    .number()
    .pipe(z.literal([...overviewDays]))
    .default(30),
  module: Module.optional(),
})
export type OverviewQuery = z.infer<typeof OverviewQuery>

/** Null where nothing was measured. */
const Pace = z.object({ medianMs: z.int().nonnegative().nullable(), p90Ms: z.int().nonnegative().nullable() })

export const OverviewWaiting = z.object({
  total: z.int(),
  /** Of them: the date until which they were to be decided is over. */
  overdue: z.int(),
  oldestAt: Timestamp.nullable(),
  ages: z.array(z.object({ age: z.enum(waitingAges), count: z.int() })),
  modules: z.array(z.object({ module: Module, count: z.int() })),
  /** For whom most tickets wait now, the longest list first; `since`: when the oldest of them came to them. */
  people: z.array(z.object({ person: Person, count: z.int(), since: Timestamp })),
})
export type OverviewWaiting = z.infer<typeof OverviewWaiting>

/** A day and what came in and was settled on it, with how long the settled ones took from submission. */
export const OverviewDay = Pace.extend({
  /** `2026-11-28`. */
  day: z.string(),
  submitted: z.int(),
  approved: z.int(),
  rejected: z.int(),
  /** Withdrawn and expired. */
  ended: z.int(),
})
export type OverviewDay = z.infer<typeof OverviewDay>

export const OverviewNode = Pace.extend({ module: Module, name: z.string(), decisions: z.int() })
export type OverviewNode = z.infer<typeof OverviewNode>

export const OverviewPerson = Pace.extend({
  person: Person,
  approved: z.int(),
  rejected: z.int(),
  /** Approvals made too soon after the step began, or after the decision before, for anything to have been read. */
  hasty: z.int(),
  /** The most hasty approvals one after the other. */
  longestRun: z.int(),
  /** Often enough, and in a row, to be worth a talk. No proof: it may have been read in the web console of another system. */
  isRubberStamp: z.boolean(),
})
export type OverviewPerson = z.infer<typeof OverviewPerson>

export const OverviewChannel = z.object({
  /** A channel, `callback` for decisions sent out, or `none` for people bound to nothing. */
  channel: z.string(),
  waiting: z.int(),
  sent: z.int(),
  failed: z.int(),
  suppressed: z.int(),
})
export type OverviewChannel = z.infer<typeof OverviewChannel>

export const Overview = z.object({
  at: Timestamp,
  timeZone: z.string(),
  waiting: OverviewWaiting,
  days: z.array(OverviewDay),
  /** Of all tickets settled in these days. */
  settled: Pace.extend({ count: z.int() }),
  nodes: z.array(OverviewNode),
  people: z.array(OverviewPerson),
  channels: z.array(OverviewChannel),
  /** What platforms answered last where deliveries failed, by their own codes, the most frequent first. */
  failures: z.array(z.object({ channel: z.string(), code: z.string(), count: z.int() })),
  /** What was too much to be looked at as a whole: of it the newest stand in the figures. */
  partial: z.array(z.enum(['settled', 'decisions', 'deliveries'])),
})
export type Overview = z.infer<typeof Overview>
