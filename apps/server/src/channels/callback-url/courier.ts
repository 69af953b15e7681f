import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import { viewTicket } from '#server/api/v1/ticket-view.ts'
import { judgeStatus } from '#server/channels/guarded-call.ts'
import type { OutgoingGuards } from '#server/channels/messenger-deps.ts'
import { type NoteCall, notedCall } from '#server/channels/noted-call.ts'
import type { ClaimedDelivery, Store } from '#server/db/stores.ts'
import { webhookRetry } from '#server/delivery/backoff.ts'
import type { Courier } from '#server/delivery/courier.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { renderCallback } from './body.ts'

export interface CallbackCourierDeps {
  store: Store
  now: () => number
  /** `open` for tenants that allow private networks. */
  egress: OutgoingGuards
  noteCall?: NoteCall
}

const NetworkSettings = z.object({ allowPrivateNetworks: z.boolean().default(false) })

/**
 * The decision out: tells a ticket's source how it ended, at its `callbackUrl`, as Standard Webhooks asks
 * (https://github.com/standard-webhooks/standard-webhooks). Signed with the secret of the API key that submitted the
 * ticket; a key without a secret gets it unsigned, with an id and a time only.
 */
export function createCallbackCourier(deps: CallbackCourierDeps): Courier {
  const { egress } = deps
  return {
    retry: webhookRetry,
    hasOwnHosts: true,
    async carry(delivery, signal) {
      if (signal.aborted) return { kind: 'released', dueAt: deps.now(), waits: 'delivery' }
      const { stores } = deps.store
      const ticket = await stores.tickets.find(delivery.tenantId, delivery.ticketId)
      if (ticket === null) {
        return { kind: 'failed', code: 'ticket_not_found', text: 'the ticket does not exist any more' }
      }
      if (ticket.callbackUrl === null) {
        return { kind: 'suppressed', code: 'no_callback_url', text: 'the ticket has no callbackUrl any more' }
      }
      const history = await stores.tickets.history(ticket.tenantId, ticket.id)
      const body = renderCallback(viewTicket(ticket, history), delivery.event)
      const headers = await signedHeaders(deps, delivery, ticket, body)
      const guard = (await allowsPrivateNetworks(deps.store, ticket.tenantId)) ? egress.open : egress.publicOnly
      const notes = { tenantId: ticket.tenantId, webhookId: delivery.id, at: deps.now(), noteCall: deps.noteCall }
      const answer = await notedCall(guard, { url: ticket.callbackUrl, headers, body }, notes)
      judgeStatus(answer, deps.now())
      const code = String(answer.status)
      const text = `${delivery.recipient} took it`
      return { kind: 'delivered', state: 'sent', shownVersion: ticket.version, message: null, code, text }
    },
  }
}

/** The id is the same for every try, the time is new. */
async function signedHeaders(
  { store, now }: CallbackCourierDeps,
  delivery: ClaimedDelivery,
  ticket: Ticket,
  body: string,
): Promise<Record<string, string>> {
  const at = new Date(now())
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Countersign',
    'webhook-id': delivery.id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
  }
  const { tenantId, apiKeyName } = ticket
  const secret = apiKeyName === null ? null : await store.stores.tenants.webhookSecret(tenantId, apiKeyName)
  if (secret === null) return headers
  return { ...headers, 'webhook-signature': signer(secret).sign(delivery.id, at, body) }
}

/** The library reads the classic base64 alphabet only. */
function signer(secret: string): Webhook {
  return new Webhook(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'), { format: 'raw' })
}

async function allowsPrivateNetworks(store: Store, tenantId: string): Promise<boolean> {
  const record = await store.stores.tenants.channel(tenantId, 'webhook')
  return record !== null && NetworkSettings.parse(record.settings).allowPrivateNetworks
}
