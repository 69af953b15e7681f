import { createHash } from 'node:crypto'
import type { ChannelName, LoginChannel, LoginOptions, LoginWay } from '@countersign/contracts'
import { h5Path } from '#server/cards/ticket-link.ts'
import type { Channel, PlatformUser } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import { type Sealer, sealContext } from '#server/crypto/seal.ts'
import type { Store } from '#server/db/stores.ts'
import { findPerson } from '#server/directory/find-person.ts'
import { AppError } from '#server/errors.ts'
import type { LoginWaySettings } from '#server/login-ways/settings.ts'
import type { User } from '#server/tickets/ports.ts'
import { createAttempts, randomText } from './attempts.ts'

export interface LoginDeps {
  store: Store
  channels: LiveChannels
  ways: Pick<LoginWaySettings, 'offer'>
  sealer: Sealer
  publicUrl: string
  now: () => number
}

export interface LoggedIn {
  user: User
  way: LoginWay
  /** Null where no channel has shown who it is. */
  channel: ChannelName | null
  /** The account on the platform; null where none was asked. */
  platformUserId: string | null
  target: string
}

export interface Login {
  options(
    ask: { tenant?: string | undefined; channel?: ChannelName | undefined },
    browser: string,
  ): Promise<LoginOptions>
  start(
    ask: { tenant: string; channel: ChannelName; target: string },
    browser: string,
  ): Promise<{ authorizeUrl: string }>
  finish(answer: { code: string; state: string }, browser: string): Promise<LoggedIn>
  inApp(
    answer: { tenant: string; channel: ChannelName; code: string; nonce: string },
    browser: string,
  ): Promise<LoggedIn>
}

const verifierPlace = (tenant: string): string =>
  sealContext({ tenant, table: 'login_attempts', column: 'detail', row: 'verifier' })
/** Attempts that belong to no tenant yet (a nonce is given before the person has chosen one). */
const anyTenant = '-'

export function createLogin(deps: LoginDeps): Login {
  const { store, channels, ways, sealer, now } = deps
  const redirectUri = `${deps.publicUrl}${h5Path}`

  const attempts = createAttempts({ store, now })

  const enabled = async (tenantId: string, name: ChannelName): Promise<Channel> => {
    const channel = await channels.get(tenantId, name)
    if (channel === null) throw new AppError('channel_not_enabled', `${name} is not enabled for this organisation`)
    return channel
  }

  const identify = async (channel: Channel, exchanged: PlatformUser, target: string): Promise<LoggedIn> => {
    const user = await findPerson(store, channel, exchanged.platformUserId, now())
    if (user === null) throw new AppError('not_bound', 'this account belongs to nobody here')
    if (user.disabled) throw new AppError('user_disabled', 'this person is disabled')
    return { user, way: 'platform', channel: channel.name, platformUserId: exchanged.platformUserId, target }
  }

  return {
    async options({ tenant, channel }, browser) {
      const all = await store.stores.tenants.tenants()
      const asked = tenant === undefined ? all : all.filter(({ id }) => id === tenant)
      const tenants = await Promise.all(
        asked.map(async ({ id, name }) => {
          const live = await channels.list(id)
          return { id, name, channels: live.map(offer), ...(await ways.offer(id)) }
        }),
      )
      const offered = tenants.filter((one) => tenant !== undefined || isEntered(one))
      const isOffered = offered.some((one) => one.channels.some((live) => live.channel === channel))
      const about = { tenantId: anyTenant, kind: 'nonce', channel: channel ?? '', detail: {} } as const
      const nonce = await attempts.begin(about, browser)
      return { tenants: offered, channelNotEnabled: channel !== undefined && !isOffered, nonce }
    },

    async start({ tenant, channel: name, target }, browser) {
      const channel = await enabled(tenant, name)
      const verifier = randomText()
      const sealed = sealer.seal(verifier, verifierPlace(tenant))
      const detail = { verifier: sealed, target: safeTarget(target) }
      const state = await attempts.begin({ tenantId: tenant, kind: 'state', channel: name, detail }, browser)
      const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
      return { authorizeUrl: channel.authorizeUrl({ redirectUri, state, codeChallenge }) }
    },

    async finish({ code, state }, browser) {
      const begun = await attempts.take('state', state, browser)
      const channel = await enabled(begun.tenantId, begun.channel as ChannelName)
      const codeVerifier = sealer.open(begun.detail.verifier ?? '', verifierPlace(begun.tenantId))
      const exchanged = await exchange(channel, { code, redirectUri, codeVerifier, inApp: false })
      return identify(channel, exchanged, begun.detail.target ?? '')
    },

    async inApp({ tenant, channel: name, code, nonce }, browser) {
      await attempts.take('nonce', nonce, browser)
      const channel = await enabled(tenant, name)
      const exchanged = await exchange(channel, { code, redirectUri, codeVerifier: null, inApp: true })
      return identify(channel, exchanged, '')
    },
  }
}

const isEntered = ({ channels, email, oidc }: LoginOptions['tenants'][number]): boolean =>
  channels.length > 0 || email || oidc !== null

const offer = ({ name, appId, jsSdkUrl, corpId }: Channel): LoginChannel => ({
  channel: name,
  appId,
  jsSdkUrl,
  corpId: corpId ?? null,
})

async function exchange(channel: Channel, login: Parameters<Channel['exchange']>[0]): Promise<PlatformUser> {
  try {
    return await channel.exchange(login)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    if (error.kind === 'rejected' || error.kind === 'gone') {
      throw new AppError('login_failed', `the platform did not accept this log-in (${error.code})`, { cause: error })
    }
    throw new AppError('platform_unavailable', `the platform does not answer (${error.code}); try again`, {
      cause: error,
    })
  }
}

/** A page of the console, below its own path: nothing that another host could be named by. */
export const consolePage = /^\/(?![/\\])[\w\-./?=&%+]*$/

/** Only a query string of our own page is kept, so that a log-in can never lead anywhere else. */
function safeTarget(target: string): string {
  if (!target.startsWith('?')) return ''
  const wanted = new URLSearchParams(target)
  const kept = new URLSearchParams()
  for (const key of ['t', 'c', 'corpId', 'ticket', 'page']) {
    const value = wanted.get(key)
    if (value !== null) kept.set(key, value)
  }
  const page = wanted.get('console')
  if (page !== null && consolePage.test(page)) kept.set('console', page)
  return kept.size === 0 ? '' : `?${kept}`
}
