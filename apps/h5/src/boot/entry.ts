/**
 * What the address says when the app opens (design: `t`, `c`, `corpId`, `ticket`; `page`; OAuth: `code`, `state`, `error`; DingTalk
 * calls the code `authCode`).
 */
export interface Entry {
  tenant: string | undefined
  channel: string | undefined
  /** The organisation in DingTalk: its workbench fills it into the address of the home page. */
  corpId: string | undefined
  ticket: string | undefined
  /** The person comes back from the platform's log-in page. */
  login: { code: string; state: string } | undefined
  /** The platform's log-in page was left without success, such as `access_denied`. */
  loginError: string | undefined
}

const given = (query: URLSearchParams, name: string): string | undefined => {
  const value = query.get(name)
  return value === null || value === '' ? undefined : value
}

/** Reads the query of the address. */
export function readEntry(search: string): Entry {
  const query = new URLSearchParams(search)
  const code = given(query, 'code') ?? given(query, 'authCode')
  const corpId = given(query, 'corpId')
  const state = given(query, 'state')
  return {
    tenant: given(query, 't'),
    channel: given(query, 'c'),
    // Opened from anywhere but the workbench, the home page still has the placeholder.
    corpId: corpId?.startsWith('$') ? undefined : corpId,
    ticket: given(query, 'ticket'),
    login: code !== undefined && state !== undefined ? { code, state } : undefined,
    loginError: given(query, 'error'),
  }
}

/** The ticket that the address leads to: by its hash once the app runs, by its query when a card was tapped. */
export function ticketOf(search: string, hash: string): string | undefined {
  const fromHash = /^#\/ticket\/([^/?]+)/.exec(hash)?.[1]
  if (fromHash !== undefined) return decodeURIComponent(fromHash)
  return hash === '' ? readEntry(search).ticket : undefined
}

/** Whether it leads to the notification settings: by its hash, or by its query (a link in a mail, the end of a log-in). */
export const leadsToSettings = (search: string, hash: string): boolean =>
  hash === '' ? new URLSearchParams(search).get('page') === 'settings' : hash.startsWith('#/settings')

/** The query without what a log-in left in it. Codes must not stay in the address, the history or a screenshot. */
export function withoutLogin(search: string): string {
  const query = new URLSearchParams(search)
  for (const name of ['code', 'authCode', 'state', 'error', 'error_description']) query.delete(name)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** The page of the desktop console that the log-in was begun on, where platforms only come back to our address. */
export function consolePageOf(target: string): string | undefined {
  const page = new URLSearchParams(target).get('console')
  return page?.startsWith('/') === true && !page.startsWith('//') ? `/console${page}` : undefined
}

/** The query to come back to after a log-in by redirect: where the person is now. */
export function returnTarget(search: string, hash: string): string {
  const query = new URLSearchParams(withoutLogin(search))
  const ticket = ticketOf(search, hash)
  if (ticket === undefined) query.delete('ticket')
  else query.set('ticket', ticket)
  if (leadsToSettings(search, hash)) query.set('page', 'settings')
  else query.delete('page')
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
