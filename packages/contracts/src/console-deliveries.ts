import { z } from 'zod'
import { DeliveryAttempt, DeliveryState, DeliveryView } from './delivery.ts'
import { Timestamp, TimestampIn } from './identifiers.ts'
import { cancelRefusals, deliveryEvents, mostDeliveriesAtOnce, resendRefusals } from './vocabulary.ts'

/* Deliveries of all tickets, what may be done about them, and what was POSTed to addresses outside. */

export const DeliveryEvent = z.enum(deliveryEvents)
export type DeliveryEvent = z.infer<typeof DeliveryEvent>
export const ResendRefusal = z.enum(resendRefusals)
export type ResendRefusal = z.infer<typeof ResendRefusal>
export const CancelRefusal = z.enum(cancelRefusals)
export type CancelRefusal = z.infer<typeof CancelRefusal>

const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(256).optional(),
}
/** The number that people call a ticket by, or its id. */
const TicketReference = z
  .string()
  .trim()
  .regex(/^#?[A-Za-z0-9_-]{1,64}$/, 'must be the number or the id of a ticket')

/** A delivery among those of all tickets, with the ticket it tells of and the name of its recipient. */
export const TenantDelivery = DeliveryView.extend({
  event: DeliveryEvent,
  /** Null: it tells of no ticket, as a report does. */
  ticket: z.object({ id: z.string(), number: z.int(), title: z.string() }).nullable(),
  recipientName: z.string(),
  createdAt: Timestamp,
  /** Counted from 0: how often the same had been sent before because somebody asked for it. */
  sending: z.int(),
  /** The delivery that took its place. */
  replacedBy: z.string().nullable(),
})
export type TenantDelivery = z.infer<typeof TenantDelivery>

const deliveryFilter = {
  state: DeliveryState.optional(),
  channel: z.string().min(1).max(32).optional(),
  /** A uid, or the host of a callback. */
  recipient: z.string().trim().min(1).max(255).optional(),
  event: DeliveryEvent.optional(),
  ticket: TicketReference.optional(),
  /** Queued from this time on, and before that one. */
  from: TimestampIn.optional(),
  to: TimestampIn.optional(),
}
/** `GET /api/app/console/deliveries`, newest first. */
export const TenantDeliveryQuery = z.strictObject({ ...deliveryFilter, ...page })
export const TenantDeliveryPage = z.object({ items: z.array(TenantDelivery), nextCursor: z.string().nullable() })
export type TenantDeliveryPage = z.infer<typeof TenantDeliveryPage>

const Ids = z.array(z.string().min(1).max(64)).min(1)
/**
 * `GET /api/app/console/deliveries-live`: the newest of the list and, by their ids, others that are looked at. `known` is
 * the tag of the answer before. An ETag in the body, since proxies weaken or drop those of headers.
 */
export const LiveDeliveryQuery = z.strictObject({
  ...deliveryFilter,
  limit: page.limit,
  /** With commas between them. */
  ids: z
    .string()
    .max(100 * 65)
    .transform((text) => text.split(',').filter((id) => id !== ''))
    .pipe(Ids.max(100))
    .optional(),
  known: z.string().max(64).optional(),
})
export const LiveDeliveries = z.object({
  tag: z.string(),
  /** Null: nothing has changed since the answer with this tag. */
  newest: z.array(TenantDelivery).nullable(),
  others: z.array(TenantDelivery).nullable(),
})
export type LiveDeliveries = z.infer<typeof LiveDeliveries>

/** `GET /api/app/console/deliveries-count`, counted up to 10,000. */
export const DeliveryCountQuery = z.strictObject(deliveryFilter)
export const DeliveryCount = z.object({ count: z.int(), isMore: z.boolean() })
export type DeliveryCount = z.infer<typeof DeliveryCount>

export const ChooseDeliveries = z.strictObject({ ids: Ids.max(mostDeliveriesAtOnce) })
/** `POST /api/app/console/deliveries/resend`: one outcome for each id, in their order. */
export const ResentDeliveries = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      /** Null: it is queued. */
      refusal: ResendRefusal.nullable(),
      /** The delivery that is queued: another one where the first had reached somebody. */
      queued: z.string().nullable(),
    }),
  ),
})
export type ResentDeliveries = z.infer<typeof ResentDeliveries>
/** `POST /api/app/console/deliveries/cancel` */
export const CancelledDeliveries = z.object({
  items: z.array(z.object({ id: z.string(), /** Null: it has ended. */ refusal: CancelRefusal.nullable() })),
})
export type CancelledDeliveries = z.infer<typeof CancelledDeliveries>

/** A try of a web hook. `tookMs` null: it is too long ago to be known, or nobody was called. */
export const WebhookAttempt = DeliveryAttempt.extend({ tookMs: z.int().nullable(), bodyDigest: z.string().nullable() })
export type WebhookAttempt = z.infer<typeof WebhookAttempt>

/** What is POSTed to the `callbackUrl` of a ticket, or to the web hook of a person. */
export const WebhookView = TenantDelivery.omit({ attempts: true }).extend({
  /** Of the address; null: it has not been called, or too long ago to be known. */
  host: z.string().nullable(),
  /** As the receiver is given it, the same for every try and every replay. */
  webhookId: z.string(),
  attempts: z.array(WebhookAttempt),
})
export type WebhookView = z.infer<typeof WebhookView>
/** `GET /api/app/console/webhooks`, newest first. */
export const WebhookQuery = z.strictObject({
  channel: z.enum(['callback', 'webhook']).optional(),
  state: DeliveryState.optional(),
  recipient: deliveryFilter.recipient,
  event: DeliveryEvent.optional(),
  ticket: TicketReference.optional(),
  from: TimestampIn.optional(),
  to: TimestampIn.optional(),
  ...page,
})
export const WebhookPage = z.object({
  items: z.array(WebhookView),
  nextCursor: z.string().nullable(),
  /** For so long calls and bodies are kept. */
  keptDays: z.int(),
})
export type WebhookPage = z.infer<typeof WebhookPage>
/** `GET /api/app/console/webhooks/{id}`. */
export const WebhookDetail = WebhookView.extend({
  /** As they were sent, oldest first; null: this person may not read the ticket. */
  bodies: z.array(z.object({ digest: z.string(), body: z.string() })).nullable(),
})
export type WebhookDetail = z.infer<typeof WebhookDetail>
