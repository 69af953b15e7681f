import type { TicketView } from '@countersign/contracts'

/** Standard Webhooks asks for payloads below about 20 KB. */
const maxBodyBytes = 20_000

/** What is left out, from the first that can be missed, until the rest fits. */
const dispensable = ['fields', 'attachments', 'history', 'cc', 'nodes'] as const
type Dispensable = (typeof dispensable)[number]

/** A ticket as its source is told of it: without what the source gave us at length, and can read again by the API. */
export type CalledBackTicket = Omit<TicketView, 'description' | 'code' | Dispensable> &
  Partial<Pick<TicketView, Dispensable>> & {
    /** What is left out for want of room; `GET /api/v1/tickets/{id}` has it. */
    omitted: Dispensable[]
  }

export interface CallbackBody {
  type: `ticket.${string}`
  /** When it happened, RFC 3339. */
  timestamp: string
  data: CalledBackTicket
}

/** The body of a callback, as it is signed and sent. */
export function renderCallback(view: TicketView, event: string): string {
  const { description: _description, code: _code, ...data } = view
  const body: CallbackBody = {
    type: `ticket.${event}`,
    timestamp: view.decidedAt ?? view.updatedAt,
    data: { ...data, omitted: [] },
  }
  let text = JSON.stringify(body)
  for (const part of dispensable) {
    if (Buffer.byteLength(text) < maxBodyBytes) break
    delete body.data[part]
    body.data.omitted.push(part)
    text = JSON.stringify(body)
  }
  return text
}
