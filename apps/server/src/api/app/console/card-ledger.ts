import { type CardLedger, ChannelName, type LedgerEntry, TicketStatus } from '@countersign/contracts'
import { viewDelivery } from '#server/api/v1/ticket-view.ts'
import { channelKind, isChannelName } from '#server/channels/registry.ts'
import type { LedgerRow } from '#server/db/card-ledger.ts'
import type { DeliveryRecord, Stores } from '#server/db/stores.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { namesFor } from '../my-tickets.ts'
import type { Names } from '../ticket-detail.ts'

/** Which card of a ticket lives with whom, and whether it tells the truth. */
export async function viewLedger(stores: Stores, { tenantId }: User, ticket: Ticket): Promise<CardLedger> {
  const deliveries = await stores.notices.deliveries(tenantId, ticket.id)
  const rows = new Map((await stores.notices.ledger(tenantId, ticket.id)).map((row) => [row.id, row]))
  const names = await namesFor(
    stores,
    tenantId,
    deliveries.map(({ recipient }) => recipient),
  )
  const items = deliveries.flatMap((delivery) => {
    const row = rows.get(delivery.id)
    // What only tells cannot be changed: its deliveries say all that there is to know.
    return row === undefined || !isChannelName(delivery.channel) ? [] : [viewEntry(ticket, delivery, row, names)]
  })
  return { ticket: { version: ticket.version, status: ticket.status }, items }
}

function viewEntry(ticket: Ticket, delivery: DeliveryRecord, row: LedgerRow, names: Names): LedgerEntry {
  const { id, recipient, event, state, nextAttemptAt, waitsFor, attempts } = viewDelivery(delivery)
  const channel = ChannelName.parse(delivery.channel)
  const { wantedVersion, shownVersion } = row
  const message = isChannelName(channel) ? channelKind(channel).readMessage(row.message) : null
  return {
    ...{
      id,
      recipient: names(recipient),
      part: partOf(ticket, recipient),
      channel,
      event,
      state,
      nextAttemptAt,
      waitsFor,
    },
    kind: message?.kind ?? 'none',
    messageId: message?.id ?? null,
    shows: shownOn(ticket, shownVersion, message?.status),
    ...{ shownVersion, wantedVersion },
    updatedAt: new Date(row.updatedAt).toISOString(),
    lastAttempt: attempts.at(-1) ?? null,
  }
}

function partOf({ nodes, content }: Ticket, uid: string): LedgerEntry['part'] {
  if (nodes.some(({ approvers }) => approvers.includes(uid))) return 'approver'
  return content.submitter === uid ? 'submitter' : 'onlooker'
}

/** Nothing changes a ticket once it is closed: whatever shows less than its last version shows it open. */
function shownOn(ticket: Ticket, shownVersion: number, own: string | undefined): LedgerEntry['shows'] {
  if (shownVersion === 0) return null
  const told = TicketStatus.safeParse(own)
  if (told.success) return told.data
  return shownVersion >= ticket.version ? ticket.status : 'pending'
}
