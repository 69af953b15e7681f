import { type Locale, TenantId } from '@countersign/contracts'
import { type ErrorRequestHandler, type Request, type Response, Router, urlencoded } from 'express'
import { z } from 'zod'
import { type CardComposer, personLocale } from '#server/cards/compose.ts'
import { ticketLink } from '#server/cards/ticket-link.ts'
import type { Store } from '#server/db/stores.ts'
import { browserLocale } from '#server/http/browser-locale.ts'
import { callerOf } from '#server/http/caller.ts'
import { sendPage } from '#server/http/page.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import type { Log } from '#server/log.ts'
import { lastDecision } from '#server/tickets/policy.ts'
import type { Guesses } from './guesses.ts'
import { decisionLinkPath } from './offer.ts'
import { decisionPage, longestReason, messagePage, type PageMatter } from './page.ts'
import { type LinkAddress, type LinkState, lookAtLink, useLink } from './use.ts'

export interface DecisionLinkRouterDeps {
  store: Store
  composer: CardComposer
  guesses: Guesses
  publicUrl: string
  /** Of the region. */
  locale: Locale
  timeZone: string
  log: Log
  now: () => number
  committed: () => void
  /** For metrics. */
  decided: (action: 'approve' | 'reject', via: string) => void
}

/** What the form sends; what a mail scanner sends in its place is no reason to fail. */
const Form = z.object({
  reason: z.string().max(longestReason).catch(''),
  confirmed: z.literal('yes').optional().catch(undefined),
})
const formBytes = 32 * 1_024

/**
 * The page behind a button in a mail. Looking at it changes nothing, however often and by whomever: programs open the
 * links of a mail too. Only the page's own button decides.
 */
export function decisionLinkRouter(deps: DecisionLinkRouterDeps): Router {
  const router = Router()
  const path = `${decisionLinkPath}/:tenant/:token`

  const addressOf = (req: Request): LinkAddress => ({
    tenantId: TenantId.safeParse(req.params.tenant).data ?? '',
    token: String(req.params.token),
  })

  const show = async (
    req: Request,
    res: Response,
    state: LinkState,
    status: number,
    form: Partial<PageMatter> = {},
  ) => {
    if (state.kind === 'unknown') await deps.guesses.count(callerOf(req.ip))
    const matter = await matterOf(deps, req, state)
    sendPage(res, status, decisionPage(state, { ...matter, ...form }))
  }

  /** True when the page was sent: this caller has opened too many links that do not exist. */
  const isGuessing = async (req: Request, res: Response): Promise<boolean> => {
    const waitMs = await deps.guesses.waitMs(callerOf(req.ip))
    if (waitMs === null) return false
    res.setHeader('retry-after', Math.ceil(waitMs / 1_000))
    sayOnly(req, res, 429, 'decisionLink.tooMany', deps.locale)
    return true
  }

  router.get(path, async (req, res) => {
    if (await isGuessing(req, res)) return
    const state = await lookAtLink(deps.store.stores, addressOf(req), deps.now())
    await show(req, res, state, statusOf(state))
  })

  router.post(path, urlencoded({ extended: false, limit: formBytes, parameterLimit: 10 }), async (req, res) => {
    if (await isGuessing(req, res)) return
    const { reason, confirmed } = Form.parse(req.body ?? {})
    const answer = { reason, confirmed: confirmed === 'yes' }
    const outcome = await useLink(deps.store, addressOf(req), answer, deps.now())
    if (outcome.kind === 'done') {
      deps.decided(outcome.link.action, 'email-link')
      deps.committed()
      // The page that says what was decided: loading it again sends nothing again.
      res.setHeader('referrer-policy', 'no-referrer')
      res.redirect(303, req.originalUrl)
      return
    }
    if (outcome.kind === 'incomplete') {
      await show(req, res, outcome.state, 422, { missing: outcome.missing, reason })
      return
    }
    await show(req, res, outcome.state, outcome.state.kind === 'unknown' ? 404 : 409)
  })

  // The address is a secret: the common handler, which logs it, must not see these errors.
  const failed: ErrorRequestHandler = (error, req, res, next) => {
    const status = isTooLarge(error) ? 413 : 500
    if (status === 500)
      deps.log.error({ err: error, requestId: res.locals.requestId }, 'a decision by mail link failed')
    if (res.headersSent) next(error)
    else sayOnly(req, res, status, 'decisionLink.failed', deps.locale)
  }
  router.use(decisionLinkPath, failed)
  return router
}

function statusOf(state: LinkState): number {
  if (state.kind === 'unknown') return 404
  return state.kind === 'dead' ? 410 : 200
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 413
}

/** Nobody is known: in the language of the browser. */
function sayOnly(
  req: Request,
  res: Response,
  status: number,
  key: 'decisionLink.tooMany' | 'decisionLink.failed',
  fallback: Locale,
): void {
  const locale = browserLocale(req, fallback)
  const t = createTranslator(locale)
  const heading = key === 'decisionLink.failed' ? t.text(key) : t.text('decisionLink.notDecided')
  const lines = key === 'decisionLink.failed' ? [] : [t.text(key)]
  sendPage(res, status, messagePage({ locale, openLink: null }, { sign: 'none', heading, lines }, t))
}

async function matterOf(deps: DecisionLinkRouterDeps, req: Request, state: LinkState): Promise<PageMatter> {
  const nobody = { card: null, attachments: [], by: null, openLink: null, missing: null, reason: '' }
  const { stores } = deps.store
  if (state.kind === 'unknown' || state.user === null) {
    return { ...nobody, locale: browserLocale(req, deps.locale), timeZone: deps.timeZone }
  }
  const { user, link } = state
  const tenant = await stores.tenants.tenant(link.tenantId)
  const spoken = {
    locale: personLocale(user, tenant?.locale ?? null, deps.locale),
    timeZone: user.timeZone ?? tenant?.timeZone ?? deps.timeZone,
    openLink: ticketLink(deps.publicUrl, { tenant: link.tenantId, channel: null, ticketId: link.ticketId }),
  }
  if (state.kind === 'dead') return { ...nobody, ...spoken }
  const { ticket } = state
  const by = state.kind === 'refused' ? state.refusal.by : lastDecision(ticket)
  const name = by === null ? null : ((await stores.directory.user(link.tenantId, by.uid))?.name ?? by.uid)
  if (state.kind !== 'open') return { ...nobody, ...spoken, by: name }
  const request = { ticket, recipient: user.uid, event: 'pending', channel: 'email', takesActions: false } as const
  const card = await deps.composer.compose(stores, request)
  return { ...nobody, ...spoken, card, attachments: ticket.content.attachments }
}
