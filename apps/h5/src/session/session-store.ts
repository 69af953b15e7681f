import { type ApiError, acceptAnswer, asApiError, readResponse } from '@countersign/api-client'
import type { ChannelName, FinishedLogin, Locale, LoginOptions, Session } from '@countersign/contracts'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { firstScreenApi, onSessionLost } from '../api.ts'
import { consolePageOf, type Entry, readEntry, returnTarget, ticketOf, withoutLogin } from '../boot/entry.ts'
import { takeStarted } from '../boot/started.ts'
import { readHostSigns } from '../bridge/index.ts'
import { isAppLocale } from '../i18n/choose-locale.ts'
import { currentTimeZone, useLocale } from '../i18n/i18n.ts'
import { useTicketLists } from '../tickets/ticket-lists-store.ts'
import { createDestination } from './destination.ts'
import { createLastSeen } from './last-seen.ts'
import { finishLogIn, type LoginDeps, type LoginOutcome, logIn, logInWith } from './log-in.ts'
import { createRedirectGuard } from './redirect-guard.ts'

/** Where the app stands with the person in front of it. */
export type Stage = { kind: 'starting' } | { kind: 'ready' } | Exclude<LoginOutcome, { kind: 'session' }>

const guard = createRedirectGuard(() => sessionStorage, Date.now)
const destination = createDestination(() => sessionStorage)
const lastSeen = createLastSeen(() => localStorage, Date.now)
const deps: LoginDeps = {
  api: firstScreenApi,
  guard,
  signs: readHostSigns(),
  leaveFor: (url) => {
    destination.keep(deps.target())
    location.assign(url)
  },
  target: () => returnTarget(location.search, location.hash),
}

async function readSession(): Promise<Session> {
  const started = takeStarted('session')
  if (started === undefined) return firstScreenApi.getSession()
  return acceptAnswer('getSession', await readResponse(await started)) as Session
}

async function readFinishedLogin(login: NonNullable<Entry['login']>): Promise<FinishedLogin> {
  const started = takeStarted('login')
  if (started === undefined) return firstScreenApi.finishLogin({ body: login })
  return acceptAnswer('finishLogin', await readResponse(await started)) as FinishedLogin
}

async function readStartedOptions(): Promise<LoginOptions | undefined> {
  try {
    const response = await takeStarted('loginOptions')
    return response?.ok ? (acceptAnswer('loginOptions', await readResponse(response)) as LoginOptions) : undefined
  } catch {
    // Asked again by the log-in itself, which reports what it meets.
    return undefined
  }
}

/** Replaces the query of the address; the hash stays. */
const rewriteQuery = (search: string): void =>
  history.replaceState(history.state, '', `${location.pathname}${search}${location.hash}`)

/** Who is logged in, and how far the log-in has come. */
export const useSession = defineStore('session', () => {
  const stage = shallowRef<Stage>({ kind: 'starting' })
  const session = shallowRef<Session>()

  async function adopt(found: Session): Promise<void> {
    guard.clear()
    lastSeen.keep(found)
    await show(found)
  }

  async function show(found: Session): Promise<void> {
    session.value = found
    currentTimeZone.value = found.user.timeZone
    useTicketLists().takeFirstPage(`${found.tenant.id}/${found.user.uid}`, found.pending)
    if (isAppLocale(found.user.locale)) await useLocale(found.user.locale)
    stage.value = { kind: 'ready' }
  }

  async function take(outcome: LoginOutcome): Promise<void> {
    if (outcome.kind === 'session') await adopt(outcome.session)
    else stage.value = outcome
  }

  async function finish(login: NonNullable<Entry['login']>): Promise<void> {
    const finished = await finishLogIn(readFinishedLogin(login))
    const wanted = destination.take() || withoutLogin(location.search)
    if ('session' in finished) {
      const page = consolePageOf(finished.session.target)
      if (page !== undefined) return location.replace(page)
      rewriteQuery(finished.session.target)
      return adopt(finished.session)
    }
    rewriteQuery(wanted)
    if ('error' in finished) stage.value = { kind: 'failed', error: finished.error }
    else await take(await logIn(deps, readEntry(location.search), { problem: finished.problem }))
  }

  /** What is on the screen already is better than a page that says that nothing can be shown. */
  function fail(error: ApiError): void {
    if (stage.value.kind === 'ready') useTicketLists().failed('pending', error)
    else stage.value = { kind: 'failed', error }
  }

  /**
   * Shows what this person saw last until `start` knows better. Only for the list, and not in the middle of a log-in:
   * everything else needs the server's word first.
   */
  async function showLastSeen(): Promise<boolean> {
    const entry = readEntry(location.search)
    const isList = ticketOf(location.search, location.hash) === undefined
    const kept = isList && entry.login === undefined ? lastSeen.read() : undefined
    if (kept === undefined || (entry.tenant !== undefined && entry.tenant !== kept.tenant.id)) return false
    await show(kept)
    return true
  }

  /** Finds out who is there; ends with a stage in any case. Also tries again after a failure. */
  async function start(): Promise<void> {
    const { login, loginError } = readEntry(location.search)
    if (login !== undefined) return finish(login)
    if (loginError !== undefined) rewriteQuery(destination.take() || withoutLogin(location.search))
    try {
      await adopt(await readSession())
    } catch (thrown) {
      const error: ApiError = asApiError(thrown)
      if (error.status !== 401) return fail(error)
      forget()
      stage.value = { kind: 'starting' }
      const problem = loginError === undefined ? undefined : 'access_denied'
      await take(await logIn(deps, readEntry(location.search), { options: await readStartedOptions(), problem }))
    }
  }

  /** The person chose another language or time zone: it holds at once, and when they come back. */
  async function prefer(chosen: { locale: Locale; timeZone: string }): Promise<void> {
    if (session.value === undefined) return
    session.value = { ...session.value, user: { ...session.value.user, ...chosen } }
    lastSeen.keep(session.value)
    currentTimeZone.value = chosen.timeZone
    await useLocale(chosen.locale)
  }

  /** The person chose an organization and an app. */
  async function choose(tenant: string, channel: ChannelName): Promise<void> {
    const { value } = stage
    const untried = value.kind === 'choose' && value.problem === undefined ? value.options : undefined
    await take(await logInWith(deps, { tenant, channel }, untried))
  }

  /** Ends the session here; the page then offers to log in again, and does not do so by itself. */
  async function logOut(): Promise<void> {
    await firstScreenApi.endSession()
    forget()
    stage.value = await chooseAgain()
  }

  function forget(): void {
    session.value = undefined
    lastSeen.forget()
    useTicketLists().clear()
  }

  const chooseAgain = async (): Promise<Stage> => {
    const outcome = await logIn(deps, readEntry(location.search), { problem: 'logged_out' })
    return outcome.kind === 'session' ? { kind: 'starting' } : outcome
  }

  onSessionLost(() => {
    if (stage.value.kind !== 'ready') return
    forget()
    stage.value = { kind: 'starting' }
    void start()
  })

  return { stage, session, showLastSeen, start, prefer, choose, logOut }
})
