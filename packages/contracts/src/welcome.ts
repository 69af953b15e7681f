import { z } from 'zod'
import { Person } from './app.ts'
import { FindingView } from './channel.ts'
import { DeliveryState } from './delivery.ts'
import { ChannelName, Locale, Timestamp, Uid } from './identifiers.ts'
import { DecisionAction, TicketStatus } from './ticket.ts'
import { guidedChannels, welcomeSteps } from './vocabulary.ts'

/* The first-run guide of the console, for administrators and DBAs: facts about each step, and the trial card. */

export const GuidedChannel = z.enum(guidedChannels)
export type GuidedChannel = z.infer<typeof GuidedChannel>
export const WelcomeStep = z.enum(welcomeSteps)
export type WelcomeStep = z.infer<typeof WelcomeStep>

/**
 * What the host itself knows of a step. `missing`: something is known to be wrong, and `problems` says what: the id of a
 * finding of the doctor (`permission.im:message`), or one of `stepProblems`. `open`: not done, or not known yet.
 */
export const StepFact = z.object({
  state: z.enum(['done', 'missing', 'open']),
  problems: z.array(z.string()),
  /** When that was seen, where it was at a moment: the doctor's last look, the tap. */
  at: Timestamp.nullable(),
})
export type StepFact = z.infer<typeof StepFact>

/** Why a step is not done, beside what the doctor found. */
export const stepProblems = [
  'not_set_up',
  'not_enabled',
  'unusable',
  'no_taps',
  'not_examined',
  'no_address',
  'switched_off',
  'contested',
  'no_trial',
  'trial_waits',
  'trial_unanswered',
  'changed_since',
] as const
export type StepProblem = (typeof stepProblems)[number]

/** `GET /api/app/console/welcome`. */
export const Welcome = z.object({
  host: z.object({
    /** Where platforms and phones reach this host. */
    publicUrl: z.string(),
    /** As Alibaba Cloud calls it; null: none was set. */
    region: z.string().nullable(),
    /** False where that address is plainly none that a platform on the internet could call. */
    isPublic: z.boolean(),
  }),
  /** No chat platform is switched on: whoever comes here first is led to the guide. */
  isOffered: z.boolean(),
  platforms: z.array(
    z.object({
      channel: GuidedChannel,
      /** Written by the provisioning file: changed there only. */
      provisioned: z.boolean(),
      isConfigured: z.boolean(),
      enabled: z.boolean(),
      /** Of the person who asks, where it is about a person. */
      steps: z.record(WelcomeStep, StepFact),
    }),
  ),
  /** What comes after: somebody else who could approve, an API key, a ticket that was no trial. */
  next: z.object({ colleague: Uid.nullable(), hasApiKey: z.boolean(), hasTicket: z.boolean() }),
})
export type Welcome = z.infer<typeof Welcome>

/** A ticket that somebody sent to themself, to see a card come and their tap come back. It moves nothing. */
export const TrialView = z.object({
  channel: ChannelName,
  ticket: z.object({ id: z.string(), number: z.int(), status: TicketStatus }),
  askedAt: Timestamp,
  /** Unanswered, it expires then. */
  expiresAt: Timestamp,
  /** Of the card; null: none was queued. */
  delivery: z
    .object({
      state: DeliveryState,
      /** When the platform took the card. */
      sentAt: Timestamp.nullable(),
      /** The platform's answer to the last attempt, verbatim; null before the first. */
      code: z.string().nullable(),
      message: z.string().nullable(),
    })
    .nullable(),
  /** The tap that came back; null: none so far. */
  tap: z
    .object({
      by: Person,
      action: DecisionAction,
      /** `card:<channel>`. */
      via: z.string(),
      at: Timestamp,
      /** Milliseconds from when the platform took the card, or else from when it was asked for. */
      tookMs: z.int(),
    })
    .nullable(),
  /** What is known of callbacks while none has come: the doctor's own finding, which costs no call. */
  callback: FindingView.nullable(),
  /** Of this state of things; given back as `known`, it makes the next answer wait for another. */
  mark: z.string(),
})
export type TrialView = z.infer<typeof TrialView>

/** `GET /api/app/console/channels/{channel}/trial`; null: the person never sent themself one through it. */
export const LastTrial = z.object({ trial: TrialView.nullable() })

/** Waits up to `timeout` seconds for a state other than `known`. */
export const WaitForTrial = z.strictObject({
  known: z.string().max(128).optional(),
  timeout: z.coerce.number().int().min(0).max(60).default(0),
  /** The language of the finding; the person's unless given. */
  locale: Locale.optional(),
})
