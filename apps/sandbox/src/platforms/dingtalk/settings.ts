import { z } from 'zod'

/**
 * What the documents leave open or what differs between contracts, as switches. Everything else of the platform is fixed.
 * Zero switches a limit off.
 */
export interface DingtalkSettings {
  /** Per app and API; 20 on the standard edition, 40 to 60 on paid ones (call-frequency-limit page). */
  callsPerSecond: number
  /** Counted API calls of all apps of one organisation per calendar month; contracts of the exclusive edition differ. */
  monthlyCalls: { standard: number; exclusive: number }
  /** Pushes over HTTP and Stream, likewise. */
  monthlyPushes: { standard: number; exclusive: number }
  /** `wrapped`: the old host puts refusals of its gateway inside `errcode` 88 with a `sub_code`, as clients have seen. */
  oldHostRefusals: 'plain' | 'wrapped'
  /** Card values above 1 KB: the documents forbid them, real cards have carried them. */
  longCardValues: 'refuse' | 'accept'
  /** A card made with an `outTrackId` that exists: "does not take effect", or `param.cardAlreadyExist`. */
  reusedOutTrackId: 'ignore' | 'refuse'
  /** Who sees `cardData` of a callback's answer. The documents say: only the person who clicked. */
  answerReaches: 'clicker' | 'everybody'
  /**
   * Whether an empty private value lets the public one through, as the compiled templates of the platform's own examples
   * do, or hides it, as "overrides" in the documents can be read.
   */
  emptyPrivateValues: 'fall-back' | 'hide'
  /** Under which key an HTTP card callback carries the click: two guides disagree. */
  clickKey: 'content' | 'value' | 'both'
  /** Messages a minute from one custom robot of a group. */
  groupRobotPerMinute: number
  /** How long a group robot that was too fast is refused. */
  groupRobotBlockMs: number
  /** What it is refused with: the documents' code of today, or the one seen in 2020. */
  groupRobotTooFast: 410100 | 130101
  /** `text`: its answers carry `errcode` as text, as the documents' sample does. */
  groupRobotErrcode: 'number' | 'text'
  /** Robot messages that a Stream client has not acknowledged come again after this long, on the platform's clock. */
  robotRedeliveryMs: number
  /** How often the Stream gateway pings, in real milliseconds. */
  streamPingMs: number
  /** How long after its `disconnect` frame the gateway closes a connection, in real milliseconds. */
  streamGraceMs: number
}

export const documentedDingtalkSettings: DingtalkSettings = {
  callsPerSecond: 20,
  monthlyCalls: { standard: 5_000, exclusive: 0 },
  monthlyPushes: { standard: 3_000, exclusive: 0 },
  oldHostRefusals: 'plain',
  longCardValues: 'refuse',
  reusedOutTrackId: 'ignore',
  answerReaches: 'clicker',
  emptyPrivateValues: 'fall-back',
  clickKey: 'content',
  groupRobotPerMinute: 20,
  groupRobotBlockMs: 10 * 60_000,
  groupRobotTooFast: 410100,
  groupRobotErrcode: 'number',
  robotRedeliveryMs: 60_000,
  streamPingMs: 30_000,
  streamGraceMs: 10_000,
}

const limit = z.int().nonnegative()
const perEdition = z.strictObject({ standard: limit, exclusive: limit })

/** A change of some of the switches, from the control API. */
export const dingtalkSettingsSchema = z
  .strictObject({
    callsPerSecond: limit,
    monthlyCalls: perEdition,
    monthlyPushes: perEdition,
    oldHostRefusals: z.enum(['plain', 'wrapped']),
    longCardValues: z.enum(['refuse', 'accept']),
    reusedOutTrackId: z.enum(['ignore', 'refuse']),
    answerReaches: z.enum(['clicker', 'everybody']),
    emptyPrivateValues: z.enum(['fall-back', 'hide']),
    clickKey: z.enum(['content', 'value', 'both']),
    groupRobotPerMinute: limit,
    groupRobotBlockMs: limit,
    groupRobotTooFast: z.union([z.literal(410100), z.literal(130101)]),
    groupRobotErrcode: z.enum(['number', 'text']),
    robotRedeliveryMs: limit,
    streamPingMs: z.int().positive(),
    streamGraceMs: limit,
  } satisfies Record<keyof DingtalkSettings, z.ZodType>)
  .partial()
