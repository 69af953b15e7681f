import { z } from 'zod'
import type { Changes } from './changes.ts'
import { type AnyService, anyServices } from './seed.ts'

/** Faults of the platforms' API, applied to calls of the server under test. */
export const callFaults = [
  /** Lark: HTTP 429 with `x-ogw-ratelimit-reset: resetSeconds`. DingTalk: its QPS codes. Nothing is processed. */
  'rate-limited',
  /** HTTP `status` (502 unless given) with an HTML body; DingTalk without a status: "busy". Nothing is processed. */
  'server-error',
  /** The answer comes `delayMs` later. */
  'slow',
  /** The call is processed, then the connection closes without an answer. */
  'dropped-answer',
  /** The app's tokens are revoked until the server fetches another: 99991663, InvalidAuthentication, 40014. */
  'expired-token',
  /** The call is never answered and never processed. */
  'hang',
  /** The connection is reset before anything is processed. */
  'reset',
  /** The call is processed, the answer is cut in the middle of its JSON. */
  'malformed-answer',
] as const

/** Faults of calls that not every platform knows. */
export const dingtalkFaults = [
  /** DingTalk: the organisation's calls of this month are used up: ApiCountLimitForOrg, 90020. */
  'quota-exceeded',
  /**
   * DingTalk's cards and robot messages, SMS, mail, group robots: the call succeeds and nothing arrives. Where the answer
   * or a receipt can say so, it does.
   */
  'undelivered',
] as const

/** Faults of a mail server, in the order of a delivery. */
export const mailFaults = [
  /** 421 to a recipient, and the connection closes. */
  'smtp-unavailable',
  /** 451 to a recipient: later, perhaps. */
  'smtp-deferred',
  /** 550 to a recipient: never. */
  'smtp-no-such-user',
  /** 552 to a message. */
  'smtp-too-large',
] as const

/** Faults of the way from a person's tap to the server and back. */
export const callbackFaults = [
  /** The same callback (same event id, signed anew) arrives twice; with `exact` the very same bytes do. */
  'callback-duplicated',
  /** This callback waits until the next one has been delivered, or `delayMs` have passed. */
  'callback-reordered',
  /** The callback never reaches the server; the person sees an error. */
  'callback-lost',
  /** The server is called and answers, but the answer never reaches the person's client. */
  'callback-answer-lost',
] as const

/** Faults of a connection that the server holds open to the platform. */
export const connectionFaults = [
  /** It breaks after a push has gone out, before its answer. */
  'connection-cut',
] as const

export const faultKinds = [
  ...callFaults,
  ...dingtalkFaults,
  ...mailFaults,
  ...callbackFaults,
  ...connectionFaults,
] as const
export type CallFault = (typeof callFaults)[number]
export type MailFault = (typeof mailFaults)[number]
export type CallbackFault = (typeof callbackFaults)[number]
export type FaultKind = (typeof faultKinds)[number]

export const faultSchema = z.strictObject({
  kind: z.enum(faultKinds),
  /** Every platform and service unless given. */
  platform: z.enum(anyServices).optional(),
  /** Only calls whose method matches. */
  method: z.string().optional(),
  /** Only calls whose path contains this, for example `/im/v1/messages`. */
  path: z.string().optional(),
  /** How many calls are hit; until switched off unless given. */
  times: z.int().positive().optional(),
  delayMs: z.int().nonnegative().optional(),
  resetSeconds: z.int().nonnegative().optional(),
  status: z.int().min(500).max(599).optional(),
  exact: z.boolean().optional(),
})
export type FaultSetting = z.infer<typeof faultSchema>

/** A fault that is switched on, and how often it has struck. */
export interface Fault extends FaultSetting {
  id: string
  hits: number
}

/** The switchboard. Faults apply in the order in which they were switched on; each call meets at most one per kind. */
export interface Faults {
  /** Switches a fault on and returns its id. */
  set(setting: FaultSetting): string
  /** Switches one fault off, or all of them. */
  clear(id?: string): void
  list(): Fault[]
  /** Takes the first fault of one of `kinds` that concerns this call, counting it. Used by the platforms. */
  take<K extends FaultKind>(kinds: readonly K[], call: FaultTarget): (Fault & { kind: K }) | undefined
}

export interface FaultTarget {
  platform: AnyService
  method?: string
  path?: string
}

export function createFaults(changes: Changes): Faults {
  let faults: Fault[] = []
  let lastId = 0
  return {
    set: (setting) => {
      lastId += 1
      const id = `fault-${lastId}`
      faults.push({ ...faultSchema.parse(setting), id, hits: 0 })
      changes.announce({ kind: 'faults' })
      return id
    },
    clear: (id) => {
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id)
      changes.announce({ kind: 'faults' })
    },
    list: () => faults.map((fault) => ({ ...fault })),
    take: <K extends FaultKind>(kinds: readonly K[], call: FaultTarget) => {
      if (faults.length === 0) return undefined
      const isWanted = (fault: Fault): fault is Fault & { kind: K } =>
        kinds.some((kind) => kind === fault.kind) && concerns(fault, call)
      const fault = faults.find(isWanted)
      if (fault === undefined) return undefined
      fault.hits += 1
      if (fault.times !== undefined && fault.hits >= fault.times) faults = faults.filter((other) => other !== fault)
      changes.announce({ kind: 'faults' })
      return fault
    },
  }
}

function concerns(fault: Fault, call: FaultTarget): boolean {
  return (
    (fault.platform === undefined || fault.platform === call.platform) &&
    (fault.method === undefined || fault.method.toUpperCase() === call.method) &&
    (fault.path === undefined || (call.path ?? '').includes(fault.path))
  )
}
