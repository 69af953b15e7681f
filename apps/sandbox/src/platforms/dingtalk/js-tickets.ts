import type { Core } from '#sandbox/core.ts'
import { stableId } from '#sandbox/ids.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import { ok, oldOk, type Route } from './api.ts'

const TICKET_SECONDS = 7_200

/** Tickets for `dd.config`, which nothing we use needs. */
export function jsTicketRoutes({ clock }: Core): Route[] {
  const ticketOf = (app: DingtalkApp) =>
    stableId('', app.appKey, 'ticket', String(Math.floor(clock.now() / 1000 / TICKET_SECONDS)))
  return [
    {
      host: 'api',
      method: 'POST',
      path: '/v1.0/oauth2/jsapiTickets',
      auth: 'app',
      scope: 'qyapi_base',
      handle: ({ app }) => ok({ jsapiTicket: ticketOf(app), expireIn: TICKET_SECONDS }),
    },
    {
      host: 'oapi',
      method: 'GET',
      path: '/get_jsapi_ticket',
      auth: 'app',
      scope: 'qyapi_base',
      handle: ({ app }) => oldOk({ ticket: ticketOf(app), expires_in: TICKET_SECONDS }),
    },
  ]
}
