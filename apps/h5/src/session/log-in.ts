import { type ApiClient, type ApiError, asApiError } from '@countersign/api-client'
import type { ChannelName, FinishedLogin, LoginOptions, Session } from '@countersign/contracts'
import { BridgeError, type HostSigns } from '../bridge/host.ts'
import { candidates, findSilentLogin, type Hint } from '../bridge/index.ts'
import type { RedirectGuard } from './redirect-guard.ts'

/** How an attempt to log in ended. */
export type LoginOutcome =
  | { kind: 'session'; session: Session }
  /** The page is on its way to the platform. */
  | { kind: 'leaving' }
  /** A person must choose; `problem` says what went wrong before, by its code. */
  | { kind: 'choose'; options: LoginOptions; problem: string | undefined; channel: string | undefined }
  | { kind: 'failed'; error: ApiError }

/** What the log-in takes from the page; tests give their own. */
export interface LoginDeps {
  api: Pick<ApiClient, 'loginOptions' | 'startLogin' | 'inAppLogin'>
  guard: RedirectGuard
  signs: HostSigns
  leaveFor: (url: string) => void
  /** Where to come back to: a query string. */
  target: () => string
}

/** Nobody is logged in: silently inside a chat app, else by redirect where it is clear to whom, else ask. */
export async function logIn(
  deps: LoginDeps,
  entry: Hint,
  given: { options?: LoginOptions | undefined; problem?: string | undefined } = {},
): Promise<LoginOutcome> {
  try {
    const options = given.options ?? (await deps.api.loginOptions({ query: queryOf(entry) }))
    const choose = (problem: string | undefined): LoginOutcome => ({
      kind: 'choose',
      options,
      problem,
      channel: entry.channel,
    })
    if (given.problem !== undefined) return choose(given.problem)
    if (options.channelNotEnabled) return choose('channel_not_enabled')
    const silent = await logInSilently(deps, entry, options)
    if (silent !== undefined) return silent
    const [only, ...others] = candidates(options, entry)
    if (only === undefined || others.length > 0) return choose(undefined)
    const isNamed = entry.tenant !== undefined && entry.channel !== undefined
    const isOfOrganisation = only.channel.corpId !== null && only.channel.corpId === entry.corpId
    if (!(isNamed || isOfOrganisation) || !deps.guard.mayRedirect()) return choose(undefined)
    deps.guard.redirected()
    return await redirect(deps, only.tenant, only.channel.channel)
  } catch (thrown) {
    return { kind: 'failed', error: asApiError(thrown) }
  }
}

const queryOf = (entry: Hint): { t?: string; c?: ChannelName } => ({
  ...(entry.tenant === undefined ? {} : { t: entry.tenant }),
  // Whatever stands in the address goes to the server, which refuses what is no channel.
  ...(entry.channel === undefined ? {} : { c: entry.channel as ChannelName }),
})

async function logInSilently(deps: LoginDeps, entry: Hint, options: LoginOptions): Promise<LoginOutcome | undefined> {
  const silent = findSilentLogin(options, entry, deps.signs)
  if (silent === undefined) return undefined
  try {
    const code = await (await silent.bridge()).requestCode(silent.channel)
    const session = await deps.api.inAppLogin({
      body: { tenant: silent.tenant, channel: silent.channel.channel, code, nonce: options.nonce },
    })
    return { kind: 'session', session }
  } catch (thrown) {
    // The chat app did not help: the redirect still may.
    if (thrown instanceof BridgeError) return undefined
    const error = asApiError(thrown)
    if (error.isUnreachable || error.status >= 500) return { kind: 'failed', error }
    // The nonce is spent; a new choice needs new options.
    const fresh = await deps.api.loginOptions({ query: queryOf(entry) })
    return { kind: 'choose', options: fresh, problem: error.code, channel: silent.channel.channel }
  }
}

/**
 * The person chose an organization and an app: silently if that is the app around us and it was not tried before, else
 * by redirect.
 */
export async function logInWith(
  deps: LoginDeps,
  chosen: { tenant: string; channel: ChannelName },
  untried: LoginOptions | undefined,
): Promise<LoginOutcome> {
  try {
    const silent = untried === undefined ? undefined : await logInSilently(deps, chosen, untried)
    return silent ?? (await redirect(deps, chosen.tenant, chosen.channel))
  } catch (thrown) {
    return { kind: 'failed', error: asApiError(thrown) }
  }
}

/** Leaves for the platform's log-in page. */
export async function redirect(
  deps: Pick<LoginDeps, 'api' | 'leaveFor' | 'target'>,
  tenant: string,
  channel: ChannelName,
): Promise<LoginOutcome> {
  try {
    const { authorizeUrl } = await deps.api.startLogin({ body: { tenant, channel, target: deps.target() } })
    deps.leaveFor(authorizeUrl)
    return { kind: 'leaving' }
  } catch (thrown) {
    return { kind: 'failed', error: asApiError(thrown) }
  }
}

/** The person is back from the platform's log-in page. */
export async function finishLogIn(
  answer: Promise<FinishedLogin>,
): Promise<{ session: FinishedLogin } | { problem: string } | { error: ApiError }> {
  try {
    return { session: await answer }
  } catch (thrown) {
    const error = asApiError(thrown)
    return error.isUnreachable || (error.status >= 500 && error.code !== 'platform_unavailable')
      ? { error }
      : { problem: error.code }
  }
}
