import { z } from 'zod'
import { Person } from './app.ts'
import { DeliveryAttempt, DeliveryState, NoticeEvent, WaitReason } from './delivery.ts'
import { ChannelName, Timestamp } from './identifiers.ts'
import { TicketStatus } from './ticket.ts'

/** What somebody is on a ticket; an approver first of all. */
export const ticketParts = ['approver', 'submitter', 'onlooker'] as const

/** One person's card of a ticket on one channel, or the plain message that stands in for it. */
export const LedgerEntry = z.object({
  /** Of its delivery. */
  id: z.string(),
  recipient: Person,
  part: z.enum(ticketParts),
  channel: ChannelName,
  event: NoticeEvent,
  /** `message`: sent where no card could be; it stays as it is. `none`: nothing has reached them yet. */
  kind: z.enum(['card', 'message', 'none']),
  /** Its address at the platform. */
  messageId: z.string().nullable(),
  state: DeliveryState,
  /** How the ticket stands on it; null where nothing was shown yet. */
  shows: TicketStatus.nullable(),
  /** Of the ticket: that which it shows (0: none yet), and that which it is to show. */
  shownVersion: z.int(),
  wantedVersion: z.int(),
  updatedAt: Timestamp,
  lastAttempt: DeliveryAttempt.nullable(),
  /** Null where nothing is to be done. */
  nextAttemptAt: Timestamp.nullable(),
  waitsFor: WaitReason.nullable(),
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

/** `GET /api/app/console/tickets/{id}/cards`, for overseers. */
export const CardLedger = z.object({
  ticket: z.object({ version: z.int(), status: TicketStatus }),
  items: z.array(LedgerEntry),
})
export type CardLedger = z.infer<typeof CardLedger>
