import { createHash } from 'node:crypto'
import type { TicketView } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import { Router } from 'express'
import { Answer } from '#server/api/route.ts'
import { cover } from '#server/coverage/cover.ts'
import type { ApiKey, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { change, comment, remind, submit, withdraw } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { evidenceOf } from './evidence.ts'
import { forKeys } from './for-keys.ts'
import { viewDeliveries, viewTicket } from './ticket-view.ts'
import type { TicketWaiter } from './wait.ts'

export interface V1Deps {
  store: Store
  waiter: TicketWaiter
  now: () => number
  newId: () => string
  /** Called after a commit that may have queued deliveries. */
  committed: () => void
}

/** The REST API for those who feed tickets in: design.md 4.4. */
export function v1Router(deps: V1Deps): Router {
  const router = Router()
  const { store } = deps
  const { stores } = store
  const on = forKeys(router, { tenants: stores.tenants, now: deps.now })

  const find = async (key: ApiKey, id: string): Promise<Ticket> => {
    const ticket = await stores.tickets.find(key.tenantId, id)
    if (ticket === null) throw new AppError('not_found', 'there is no such ticket')
    return ticket
  }
  const view = async (ticket: Ticket): Promise<TicketView> =>
    viewTicket(ticket, await stores.tickets.history(ticket.tenantId, ticket.id))
  const act = async (key: ApiKey, id: string) => {
    const ticket = await find(key, id)
    const base = { tenantId: key.tenantId, ticketId: id, via: 'api' as const, at: deps.now() }
    return { ...base, actor: ticket.content.submitter }
  }

  on('submitTicket', async ({ who: key, req, body }) => {
    const { ticket, created } = await store.run((tx) =>
      submit(tx, {
        tenantId: key.tenantId,
        input: body,
        keys: {
          externalId: body.externalId ?? null,
          idempotencyKey: idempotencyKey(req.headers['idempotency-key']),
          requestHash: createHash('sha256')
            .update(canonicalize(body) ?? '')
            .digest('hex'),
        },
        apiKeyName: key.name,
        via: 'api',
        newId: deps.newId(),
        at: deps.now(),
      }),
    )
    deps.committed()
    return new Answer(created ? 201 : 200, await view(ticket))
  })

  on('listTickets', async ({ who: key, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.tickets.list(key.tenantId, filter, { limit, cursor })
    const history = await stores.tickets.historyOf(
      key.tenantId,
      page.items.map(({ id }) => id),
    )
    return {
      items: page.items.map((ticket) => viewTicket(ticket, history.get(ticket.id) ?? [])),
      nextCursor: page.nextCursor,
    }
  })

  on('getTicket', async ({ who: key, id }) => {
    return view(await find(key, id))
  })

  on('changeTicket', async ({ who: key, id, body }) => {
    const by = await act(key, id)
    const ticket = await store.run((tx) => change(tx, { ...by, change: body }))
    deps.committed()
    return view(ticket)
  })

  on('withdrawTicket', async ({ who: key, id, body }) => {
    const by = await act(key, id)
    const ticket = await store.run((tx) => withdraw(tx, { ...by, comment: body.comment ?? null }))
    deps.committed()
    return view(ticket)
  })

  on('remindApprovers', async ({ who: key, id }) => {
    const by = await act(key, id)
    const result = await store.run((tx) => remind(tx, by))
    deps.committed()
    return result
  })

  on('commentOnTicket', async ({ who: key, id, body }) => {
    const by = await act(key, id)
    const actor = body.author ?? by.actor
    if ((await stores.directory.user(key.tenantId, actor)) === null) {
      const errors = [{ path: 'author', message: `no person of this tenant has the uid ${actor}` }]
      throw new AppError('invalid_request', 'the body is not acceptable', { errors })
    }
    return view(await store.run((tx) => comment(tx, { ...by, actor, comment: body.comment })))
  })

  on('listDeliveries', async ({ who: key, id }) => {
    await find(key, id)
    return viewDeliveries(await stores.notices.deliveries(key.tenantId, id))
  })

  on('getEvidence', async ({ who: key, id }) => evidenceOf(stores, await find(key, id), deps.now()))

  on('getCoverage', async ({ who: key, query }) => cover(stores, key.tenantId, query, deps.now()))

  on('waitForTicket', async ({ who: key, res, id, query }) => {
    const ticket = await deps.waiter.wait(() => find(key, id), query.timeout * 1_000, res)
    return view(ticket)
  })

  return router
}

function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header === 'string' && /^[\x21-\x7e]{1,128}$/.test(header)) return header
  const errors = [{ path: 'Idempotency-Key', message: 'must be 1 to 128 visible ASCII characters' }]
  throw new AppError('invalid_request', 'the header Idempotency-Key is not acceptable', { errors })
}
