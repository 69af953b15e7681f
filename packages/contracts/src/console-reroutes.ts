import { z } from 'zod'
import { Person } from './app.ts'
import { Module, Timestamp, Uid } from './identifiers.ts'
import { NodeRule } from './ticket.ts'
import { mostSuccessors, rerouteScopes } from './vocabulary.ts'

/*
 * To whom goes what waits for somebody who is disabled. Reading needs the role of an overseer, everything else `admin`.
 */

export const RerouteScope = z.enum(rerouteScopes)
export type RerouteScope = z.infer<typeof RerouteScope>

const comment = z.string().trim().max(500)
const successors = z.array(Uid).max(mostSuccessors)

/**
 * Beside `disabled: true`: who takes over. `to` empty: nobody yet, and what nobody else can complete stays pending until
 * somebody is named.
 */
export const Reroute = z.strictObject({
  to: successors,
  /** Everything that waits for the person, or only what nobody else could complete. */
  scope: RerouteScope.default('open'),
  /** Why, for the history of the tickets. */
  comment: comment.optional(),
})
export type Reroute = z.infer<typeof Reroute>

/** `PUT /api/app/console/people/{uid}/reroute`: of somebody who is disabled. Takes the place of what was ordered before. */
export const OrderReroute = Reroute.extend({ to: successors.min(1) })
export type OrderReroute = z.infer<typeof OrderReroute>

/** A pending ticket that names the person. */
export const WaitingTicket = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  submitter: Person,
  createdAt: Timestamp,
  /** The first step that waits for them; whether it is the one that decides now. */
  step: z.string(),
  isNow: z.boolean(),
  /** Nobody else can complete one of the steps. */
  onlyThem: z.boolean(),
})
export type WaitingTicket = z.infer<typeof WaitingTicket>

/** `GET /api/app/console/people/{uid}/reroute`: what waits for a person, now or at a later step, and where it goes. */
export const PersonReroute = z.object({
  /** Pending tickets with a step that waits for them. This and `onlyThem` are counted up to 1,000. */
  waiting: z.int(),
  onlyThem: z.int(),
  /** Up to 20 of them, those first that nobody else can complete. */
  tickets: z.array(WaitingTicket),
  /** Null: nobody is named. */
  order: z
    .object({
      to: z.array(Person),
      scope: RerouteScope,
      comment: z.string().nullable(),
      by: Person,
      at: Timestamp,
      isRunning: z.boolean(),
      /** Tickets of which something has changed hands. */
      moved: z.int(),
    })
    .nullable(),
  /** What still names the person for tickets to come. */
  templates: z.array(z.object({ id: z.string(), module: Module })),
  rules: z.array(z.object({ module: Module, event: z.string() })),
})
export type PersonReroute = z.infer<typeof PersonReroute>

/** A pending ticket with a step, now or later, that nobody who is there can complete. */
export const StuckTicket = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  module: Module,
  submitter: Person,
  createdAt: Timestamp,
  steps: z.array(
    z.object({
      name: z.string(),
      rule: NodeRule,
      isNow: z.boolean(),
      /** Approvals that nobody who is there could give. */
      missing: z.int(),
      /** Who is awaited there and disabled. */
      absent: z.array(Person),
    }),
  ),
})
export type StuckTicket = z.infer<typeof StuckTicket>

/** `GET /api/app/console/stuck-tickets`, newest first. */
export const StuckTicketQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(256).optional(),
})
export const StuckTicketPage = z.object({ items: z.array(StuckTicket), nextCursor: z.string().nullable() })
export type StuckTicketPage = z.infer<typeof StuckTicketPage>

/** `POST /api/app/console/tickets/{id}/reroute`: who takes over at the steps of one ticket that nobody can complete. */
export const RerouteTicket = z.strictObject({ to: successors.min(1), comment: comment.optional() })
export type RerouteTicket = z.infer<typeof RerouteTicket>
/** `stuck`: null once every step can be completed. */
export const ReroutedTicket = z.object({ stuck: StuckTicket.nullable() })
export type ReroutedTicket = z.infer<typeof ReroutedTicket>
