import { type Locale, TenantId, Uid } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { personLocale } from '#server/cards/compose.ts'
import { h5Path } from '#server/cards/ticket-link.ts'
import { inertLine } from '#server/channels/text.ts'
import type { Store } from '#server/db/stores.ts'
import { browserLocale } from '#server/http/browser-locale.ts'
import { html } from '#server/http/html.ts'
import { type SmallPage, sendPage } from '#server/http/page.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import type { User } from '#server/tickets/ports.ts'
import { type SignOffLinks, signOff, signOffPath } from './sign-off.ts'

export interface MailNoticeRouterDeps {
  store: Store
  links: SignOffLinks
  publicUrl: string
  /** Of the region. */
  locale: Locale
  now: () => number
}

/**
 * The link at the foot of a mail, which is also its `List-Unsubscribe` (RFC 8058): a mail program posts to it by itself,
 * with no cookie, and wants no redirect. Looking at the page changes nothing.
 */
export function mailNoticeRouter(deps: MailNoticeRouterDeps): Router {
  const router = Router()
  const path = `${signOffPath}/:tenant/:uid/:proof`

  const personOf = async (req: Request): Promise<User | null> => {
    const person = { tenantId: TenantId.safeParse(req.params.tenant).data, uid: Uid.safeParse(req.params.uid).data }
    const { tenantId, uid } = person
    if (tenantId === undefined || uid === undefined) return null
    if (!deps.links.holds({ tenantId, uid }, String(req.params.proof))) return null
    return deps.store.stores.directory.user(tenantId, uid)
  }

  const show = async (req: Request, res: Response, user: User | null): Promise<void> => {
    if (user === null) {
      sendPage(res, 404, notOurs(browserLocale(req, deps.locale)))
      return
    }
    const { stores } = deps.store
    const tenant = await stores.tenants.tenant(user.tenantId)
    const locale = personLocale(user, tenant?.locale ?? null, deps.locale)
    const bound = await stores.notificationSettings.channel(user.tenantId, user.uid, 'email')
    sendPage(res, 200, (bound?.enabled === true ? asking : done)(locale, user.name, `${deps.publicUrl}${h5Path}`))
  }

  router.get(path, async (req, res) => show(req, res, await personOf(req)))
  router.post(path, async (req, res) => {
    const user = await personOf(req)
    if (user !== null) await signOff(deps.store, user, deps.now())
    await show(req, res, user)
  })
  return router
}

function asking(locale: Locale, name: string): SmallPage {
  const t = createTranslator(locale)
  const heading = t.text('mailNotices.ask', { name: inertLine(name) })
  const button = html`<button class="button" type="submit">${t.text('mailNotices.switchOff')}</button>`
  return page(t, heading, [t.text('mailNotices.hint')], html`<form method="post">${button}</form>`)
}

function done(locale: Locale, name: string, settings: string): SmallPage {
  const t = createTranslator(locale)
  const heading = t.text('mailNotices.off', { name: inertLine(name) })
  const link = html`<a class="button quiet" href="${settings}" rel="noreferrer">Countersign</a>`
  return page(t, heading, [t.text('mailNotices.again')], link)
}

function notOurs(locale: Locale): SmallPage {
  const t = createTranslator(locale)
  return page(t, t.text('decisionLink.unknown'), [], html``)
}

function page({ locale }: Translator, heading: string, lines: string[], below: ReturnType<typeof html>): SmallPage {
  const notes = lines.map((line) => html`<p class="note">${line}</p>`)
  const card = html`<section class="card"><h1 dir="auto">${heading}</h1>${notes}${below}</section>`
  return { locale, title: heading, body: html`<main><p class="brand">Countersign</p>${card}</main>` }
}
