import { z } from 'zod'
import { SavingStep } from './call-quota.ts'
import { ChannelName, Locale, Timestamp } from './identifiers.ts'

/** How what people do on a platform comes to this host: the platform calls it, or it holds a connection to the platform. */
export const reaches = ['http', 'long-connection', 'stream'] as const
export const Reach = z.enum(reaches)
export type Reach = z.infer<typeof Reach>

export const ConnectionStatus = z.enum(['connecting', 'open', 'down'])

/** A connection as the instance that answers holds it; each instance has its own. */
export const ConnectionView = z.object({
  status: ConnectionStatus,
  /** Null before the first try. */
  since: Timestamp.nullable(),
  /** Why it is, or was last, down: the platform's code or a word of ours. */
  reason: z.string().nullable(),
})

/**
 * What the platform has on record for our callback address, where it is told by call. `taken`: another address stands
 * there, in `url`. `failed`: it could not be told, for the reason in `code`. `unknown`: not asked yet.
 */
export const RegistrationView = z.object({
  state: z.enum(['registered', 'taken', 'failed', 'unknown']),
  url: z.string().nullable(),
  /** The platform's own code, or a word of ours. */
  code: z.string().nullable(),
  at: Timestamp.nullable(),
})

/** The calls of this month (in China's time), of all instances together. */
export const QuotaView = z.object({
  /** `2026-11`. */
  month: z.string(),
  calls: z.int(),
  quota: z.int(),
  /** By the end of the month, if it goes on as it began. */
  forecast: z.int(),
  /** The highest percentage to be warned of that is reached. */
  warning: z.int().nullable(),
  /** What is done without now. */
  savings: z.array(SavingStep),
})

/** A channel of a tenant as it stands. No setting that is a secret is ever part of it. */
export const ChannelView = z.object({
  name: ChannelName,
  enabled: z.boolean(),
  /** Whether this release has an adapter for it. */
  hasAdapter: z.boolean(),
  /** Whether it works as it is set: false when it is off, or its settings cannot be used. Everything below is null then. */
  isLive: z.boolean(),
  /** Null also where the channel only tells, and takes no answer back. */
  reachedBy: Reach.nullable(),
  /** Whether taps can be verified; where not, cards only lead to the H5 app. */
  takesActions: z.boolean().nullable(),
  connection: ConnectionView.nullable(),
  callbackRegistration: RegistrationView.nullable(),
  quota: QuotaView.nullable(),
})
export type ChannelView = z.infer<typeof ChannelView>
export const ChannelList = z.object({ items: z.array(ChannelView) })

export const findingStatuses = ['ok', 'warning', 'failed', 'unknown'] as const
/** `unknown`: the platform gives no way to tell, or did not answer; the evidence says which. */
export const FindingStatus = z.enum(findingStatuses)
export type FindingStatus = z.infer<typeof FindingStatus>

/** One thing that the doctor looked at. */
export const FindingView = z.object({
  /** Stable: `credentials`, `permission.im:message`, `callback_reached`, … */
  id: z.string(),
  /** What it is about, for people. */
  title: z.string(),
  status: FindingStatus,
  /** Whether the host does without it; such a finding never fails. */
  optional: z.boolean(),
  /** What was asked, and what came back. */
  evidence: z.string(),
  /** The platform's own code, verbatim, where it gave one. */
  code: z.string().nullable(),
  /** What to do about it; null where there is nothing to do. */
  fix: z.string().nullable(),
  /** The platform's page where it is done. */
  link: z.string().nullable(),
})
export type FindingView = z.infer<typeof FindingView>

export const DoctorReport = z.object({
  channel: ChannelName,
  at: Timestamp,
  /** Of the findings that are not optional the worst: failed, warning, unknown, ok. */
  status: FindingStatus,
  /** False where it was given up before its end. */
  isComplete: z.boolean(),
  findings: z.array(FindingView),
})
export type DoctorReport = z.infer<typeof DoctorReport>

/** A line of an examination that is followed as it goes: each finding as soon as it is made, at last the whole report. */
export const DoctorStep = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('finding'), finding: FindingView }),
  z.object({ kind: z.literal('report'), report: DoctorReport }),
])
export type DoctorStep = z.infer<typeof DoctorStep>

export const RunDoctor = z.strictObject({
  /** Where the platform is told our callback address by call: replaces one that is another host's. */
  replaceCallback: z.boolean().default(false),
  /** The language of evidence and fixes; the tenant's unless given. */
  locale: Locale.optional(),
})
