import { DecisionAction, Locale, RefusalReason, TicketStatus } from '@countersign/contracts'
import { z } from 'zod'

/**
 * What became of a tap, as it is remembered for the case that the platform tells of it once more: the outcome stays the
 * first one, and the card is drawn anew, as the ticket stands by then.
 */
export const TapOutcome = z.strictObject({
  locale: Locale,
  outcome: z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), action: DecisionAction, status: TicketStatus }),
    z.strictObject({
      ok: z.literal(false),
      reason: RefusalReason,
      /** The name of whoever was faster. */
      by: z.string().nullable(),
      status: TicketStatus.nullable(),
    }),
  ]),
  /** Whose card of which ticket belongs to the answer. */
  card: z.strictObject({ ticketId: z.string(), uid: z.string() }).nullable(),
})
export type TapOutcome = z.infer<typeof TapOutcome>
