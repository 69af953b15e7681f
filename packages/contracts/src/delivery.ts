import { z } from 'zod'
import { Timestamp } from './identifiers.ts'
import { deliveryStates, noticeEvents, waitReasons } from './vocabulary.ts'

export const NoticeEvent = z.enum(noticeEvents)
export type NoticeEvent = z.infer<typeof NoticeEvent>

export const DeliveryState = z.enum(deliveryStates)
export type DeliveryState = z.infer<typeof DeliveryState>

export const WaitReason = z.enum(waitReasons)
export type WaitReason = z.infer<typeof WaitReason>

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
  /** Why it is not tried before `nextAttemptAt`; null: it is not held back. */
  waitsFor: WaitReason.nullable(),
  attempts: z.array(DeliveryAttempt),
})
export type DeliveryView = z.infer<typeof DeliveryView>

/** One thing that people were to be told: for whom it was meant, and whom it has reached, each through any channel. */
export const NoticeView = z.object({
  event: NoticeEvent,
  at: Timestamp,
  intended: z.array(z.string()),
  reached: z.array(z.string()),
})
export type NoticeView = z.infer<typeof NoticeView>
export const DeliveryList = z.object({ items: z.array(DeliveryView), notices: z.array(NoticeView) })
export type DeliveryListView = z.infer<typeof DeliveryList>
