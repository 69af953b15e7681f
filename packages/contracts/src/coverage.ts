import { z } from 'zod'
import { NoticeEvent } from './delivery.ts'
import { ChannelName, Module, Timestamp, Uid } from './identifiers.ts'
import { NodeRule } from './ticket.ts'

/*
 * Who would be told of something, through what, and who would not and why: for a rule (module and event), for an approval
 * template, or for a ticket that is being written.
 */

const UidList = z
  .string()
  .max(8_000)
  .transform((list) => list.split(',').filter((uid) => uid !== ''))
  .pipe(z.array(Uid).max(100))

/** `GET /api/app/coverage` and `GET /api/v1/coverage`. `template` or `module`; people of a draft override the template's. */
export const CoverageQuery = z
  .strictObject({
    module: Module.optional(),
    event: NoticeEvent.default('pending'),
    /** Id of an approval template. Without it, the default one of the module. */
    template: z.string().min(1).max(64).optional(),
    submitter: Uid.optional(),
    /** Of a draft, separated by commas. */
    approvers: UidList.optional(),
    cc: UidList.optional(),
  })
  .refine((query) => query.template !== undefined || query.module !== undefined, {
    path: ['module'],
    message: 'give module or template',
  })
export type CoverageQuery = z.infer<typeof CoverageQuery>

/**
 * Why somebody is not told. About the person: `unknown_person`, `disabled`, `not_bound` (no address anywhere). About one
 * channel: `switched_off` (not ticked), `channel_not_enabled` (by the tenant), `no_adapter` (this host has none),
 * `not_in_rule`, `not_found` (nobody there has the address), `last_failed` (the last message did not get through for good).
 */
export const unreachableReasons = [
  'unknown_person',
  'disabled',
  'not_bound',
  'switched_off',
  'channel_not_enabled',
  'no_adapter',
  'not_in_rule',
  'not_found',
  'last_failed',
] as const
export const UnreachableReason = z.enum(unreachableReasons)
export type UnreachableReason = z.infer<typeof UnreachableReason>

export const CoverageProblem = z.object({
  /** Null: it is about the person. */
  channel: ChannelName.nullable(),
  reason: UnreachableReason,
  /** The platform's own code, verbatim, where a message failed, and when. */
  code: z.string().nullable(),
  at: Timestamp.nullable(),
})
export type CoverageProblem = z.infer<typeof CoverageProblem>

export const CoveredPerson = z.object({
  uid: Uid,
  name: z.string(),
  isReachable: z.boolean(),
  /** `isProven`: the account there is known; else it is looked up with the first message. */
  through: z.array(z.object({ channel: ChannelName, isProven: z.boolean() })),
  /** Also of who is reachable: what goes through fewer channels than it might. */
  problems: z.array(CoverageProblem),
})
export type CoveredPerson = z.infer<typeof CoveredPerson>

export const Coverage = z.object({
  module: Module,
  event: NoticeEvent,
  /** Of the template that was looked at; null where there is none. */
  template: z.string().nullable(),
  /** False: the rule for this module and event is switched off, and nobody is told. */
  isOn: z.boolean(),
  /** The steps, where approvers are told. `isStuck`: too few of them can be told for the step to be passed. */
  nodes: z.array(z.object({ name: z.string(), rule: NodeRule, approvers: z.array(Uid), isStuck: z.boolean() })),
  /** Everybody who would be told, the unreachable first. */
  people: z.array(CoveredPerson),
  unreachable: z.int(),
  /** The submitter is told of this, and was not named. */
  needsSubmitter: z.boolean(),
})
export type Coverage = z.infer<typeof Coverage>
