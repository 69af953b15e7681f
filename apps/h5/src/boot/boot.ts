/**
 * The inline script of index.html: chooses the language, shows the right skeleton, and starts the first requests
 * while the bundle is still on its way. It is the same for everybody, byte for byte: the server allows it by its hash.
 */
import { chooseLocale, directionOf } from '../i18n/choose-locale.ts'
import { readRememberedLocale } from '../i18n/storage.ts'
import { leadsToSettings, readEntry, ticketOf } from './entry.ts'
import type { Boot } from './started.ts'

/** Addresses of chunks, put in by the build. Empty while developing. */
declare const __CHUNKS__: { locales: Record<string, string>; ticketPage: string[] }

const get = (url: string): Promise<Response> =>
  fetch(url, { headers: { accept: 'application/json' }, credentials: 'same-origin' })
const quietly = <Result>(promise: Promise<Result>): Promise<Result> => {
  // The app sees the rejection when it awaits; until then it must not count as unhandled.
  promise.catch(() => undefined)
  return promise
}

function startRequests(boot: Boot): void {
  const entry = readEntry(location.search)
  if (entry.login !== undefined) {
    boot.login = quietly(
      fetch('/api/app/login/finish', {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json', 'x-requested-with': 'countersign' },
        credentials: 'same-origin',
        body: JSON.stringify(entry.login),
      }),
    )
    return
  }
  const session = quietly(get('/api/app/session'))
  boot.session = session
  const query = new URLSearchParams()
  if (entry.tenant !== undefined) query.set('t', entry.tenant)
  if (entry.channel !== undefined) query.set('c', entry.channel)
  boot.loginOptions = quietly(
    session.then((response) => (response.status === 401 ? get(`/api/app/login-options?${query}`) : undefined)),
  )
  const ticket = ticketOf(location.search, location.hash)
  if (ticket !== undefined) {
    boot.ticket = { id: ticket, response: quietly(get(`/api/app/tickets/${encodeURIComponent(ticket)}`)) }
  }
}

function preload(href: string, asScript: boolean): void {
  // A catalogue depends on nothing, so it may also run at once: web views without modulepreload load it early, too.
  const element = document.createElement(asScript ? 'script' : 'link')
  if (element instanceof HTMLScriptElement) {
    element.type = 'module'
    element.src = href
  } else {
    element.rel = 'modulepreload'
    element.href = href
  }
  document.head.appendChild(element)
}

/**
 * The router parses the scroll positions that it kept, and on a first visit that throws, inside its own `catch`. For any
 * exception V8 reads the whole script once more to say where it was: a tenth of the time until the first row.
 */
function spareException(): void {
  try {
    sessionStorage.setItem('vue-router:scroll', sessionStorage.getItem('vue-router:scroll') ?? '{}')
  } catch {
    // Storage is switched off: then the router catches what it throws, as it would without us.
  }
}

const root = document.documentElement
const locale = chooseLocale({
  remembered: readRememberedLocale(),
  userAgent: navigator.userAgent,
  languages: navigator.languages ?? [navigator.language],
})
root.lang = locale
root.dir = directionOf(locale)
const boot: Boot = { locale }
window.__boot = boot
startRequests(boot)
spareException()

const chunks = __CHUNKS__
const catalogue = chunks.locales[locale]
if (catalogue !== undefined) preload(catalogue, true)
if (ticketOf(location.search, location.hash) !== undefined) {
  root.dataset.page = 'ticket'
  for (const chunk of chunks.ticketPage) preload(chunk, false)
}
// Also cards below a bar.
if (leadsToSettings(location.search, location.hash)) root.dataset.page = 'ticket'

// The bundle itself may fail to arrive; then nothing else could tell the person.
addEventListener(
  'error',
  (event) => {
    // Only our own: a platform's SDK that does not load has a way around it.
    if (event.target instanceof HTMLScriptElement && event.target.type === 'module') root.dataset.page = 'broken'
  },
  true,
)
addEventListener('click', (event) => {
  if (event.target instanceof Element && event.target.id === 'reload') location.reload()
})
