import type { Evidence } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { viewDelivery, viewTicket } from './ticket-view.ts'

/** All there is to prove how a ticket was decided. `at`: epoch milliseconds. */
export async function evidenceOf(stores: Stores, ticket: Ticket, at: number): Promise<Evidence> {
  const { tenantId, id } = ticket
  const [history, deliveries, audit, head] = await Promise.all([
    stores.tickets.history(tenantId, id),
    stores.notices.deliveries(tenantId, id),
    stores.audit.entriesAbout(tenantId, `ticket:${id}`),
    stores.audit.head(tenantId),
  ])
  return {
    format: 'countersign-evidence/1',
    tenant: tenantId,
    exportedAt: new Date(at).toISOString(),
    ticket: viewTicket(ticket, history),
    deliveries: deliveries.map(viewDelivery),
    audit,
    head: head ?? { seq: 0, mac: '' },
  }
}
