import { z } from 'zod'
import { Timestamp } from './identifiers.ts'

/** What a recipient is told. */
export const noticeEvents = ['pending', 'approved', 'rejected', 'withdrawn', 'expired', 'changed', 'reminded'] as const
export const NoticeEvent = z.enum(noticeEvents)
export type NoticeEvent = z.infer<typeof NoticeEvent>

/** `suppressed`: decided before it was sent, or switched off; the reason stands in the last attempt. */
export const deliveryStates = ['queued', 'sending', 'sent', 'updated', 'failed', 'suppressed'] as const
export const DeliveryState = z.enum(deliveryStates)
export type DeliveryState = z.infer<typeof DeliveryState>

export const DeliveryAttempt = z.object({
  at: Timestamp,
  /** The platform's own code, verbatim; `ok` when it took the message. */
  code: z.string(),
  message: z.string(),
})
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>

export const DeliveryView = z.object({
  id: z.string(),
  /** The uid; for a decision sent to `callbackUrl`, the host of that address. */
  recipient: z.string(),
  channel: z.string(),
  event: NoticeEvent,
  state: DeliveryState,
  nextAttemptAt: Timestamp.nullable(),
  attempts: z.array(DeliveryAttempt),
})
export type DeliveryView = z.infer<typeof DeliveryView>
export const DeliveryList = z.object({ items: z.array(DeliveryView) })
