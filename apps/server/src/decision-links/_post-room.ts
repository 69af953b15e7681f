import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createCardComposer } from '#server/cards/compose.ts'
import { createButtonProofs } from '#server/cards/proof.ts'
import type { TestDatabase } from '#server/db/_engines.ts'
import { HandClock, seedTenant } from '#server/delivery/_world.ts'
import { problemHandler } from '#server/http/problem.ts'
import { createLog } from '#server/log.ts'
import { mailNoticeRouter } from '#server/mail-notices/routes.ts'
import { createSignOffLinks, type SignOffLinks } from '#server/mail-notices/sign-off.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { createGuesses } from './guesses.ts'
import { createDecisionLinkOffers, type OfferedLinks } from './offer.ts'
import { decisionLinkRouter } from './routes.ts'
import { createLinkTokens } from './token.ts'

/** Everything behind the links of a mail, over HTTP: the database is real, only the clock is moved by hand. */
export interface PostRoom extends AsyncDisposable {
  readonly url: string
  readonly clock: HandClock
  readonly signOffs: SignOffLinks
  /** What was logged, as text. */
  readonly logged: () => string
  /** `approve via email-link` … */
  readonly decisions: string[]
  /** The links that a mail about this ticket to this person carries. */
  offer(ticket: Ticket, uid?: string, deliveryKey?: string): Promise<OfferedLinks | null>
  /** Throws when the mail would carry none. */
  links(ticket: Ticket, uid?: string, deliveryKey?: string): Promise<OfferedLinks>
  get(link: string, headers?: Record<string, string>): Promise<Shown>
  post(link: string, form?: Record<string, string>): Promise<Shown>
}

export interface Shown {
  status: number
  headers: Headers
  html: string
}

const keys = [Buffer.alloc(32, 3)]

export async function openPostRoom(
  database: TestDatabase,
  { linkKeys = keys }: { linkKeys?: readonly Buffer[] } = {},
): Promise<PostRoom> {
  const { store } = database
  const clock = new HandClock()
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } })
  const decisions: string[] = []
  const app = express()
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { now } = clock
  const proofs = createButtonProofs([Buffer.alloc(32, 1)])
  const composer = createCardComposer({ publicUrl: url, locale: 'en', timeZone: 'UTC' }, proofs)
  const signOffs = createSignOffLinks(keys, url)
  const offers = createDecisionLinkOffers({ store, tokens: createLinkTokens(linkKeys), publicUrl: url, now })
  app.use(
    decisionLinkRouter({
      store,
      composer,
      guesses: createGuesses(),
      publicUrl: url,
      locale: 'en',
      timeZone: 'UTC',
      log,
      now,
      committed: () => undefined,
      decided: (action, via) => void decisions.push(`${action} via ${via}`),
    }),
  )
  app.use(mailNoticeRouter({ store, links: signOffs, publicUrl: url, locale: 'en', now }))
  app.use(problemHandler(log))

  const offer: PostRoom['offer'] = (ticket, uid = 'alice', deliveryKey = 'mail-1') => {
    const { tenantId, id: ticketId, currentNode: node, contentHash } = ticket
    return offers.offer({ tenantId, uid, ticketId, node, contentHash, deliveryKey })
  }
  const shown = async (response: Response): Promise<Shown> => {
    const { status, headers } = response
    return { status, headers, html: await response.text() }
  }
  return {
    url,
    clock,
    signOffs,
    decisions,
    logged: () => lines.join(''),
    offer,
    async links(...of) {
      const links = await offer(...of)
      if (links === null) throw new Error('no links were offered')
      return links
    },
    get: async (link, headers = {}) => shown(await fetch(link, { headers, redirect: 'manual' })),
    post: async (link, form = {}) =>
      shown(await fetch(link, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A tenant whose people are reached by mail: alice and carol approve what bob submits. */
export async function seedMailTenant(database: TestDatabase, settings: Record<string, unknown> = {}): Promise<void> {
  const people = ['alice', 'bob', 'carol'].map((uid) => ({ uid, channels: ['email'] as const }))
  await seedTenant(database, { people, enabled: ['email'] })
  await setMailSettings(database, settings)
}

export async function setMailSettings(
  { db }: TestDatabase,
  { enabled = true, ...settings }: Record<string, unknown> = {},
): Promise<void> {
  const complete = { smtpUrl: 'smtp://mail.test', from: 'approve@acme.test', ...settings }
  await db
    .updateTable('channels')
    .set({ settings: JSON.stringify(complete), enabled: enabled === true ? 1 : 0 })
    .where('tenant_id', '=', 'acme')
    .where('name', '=', 'email')
    .execute()
}
