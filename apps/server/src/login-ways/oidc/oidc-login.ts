import type { Locale, TenantId } from '@countersign/contracts'
import * as client from 'openid-client'
import { z } from 'zod'
import { openedIfIntact, type Sealer, sealContext } from '#server/crypto/seal.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { begunElsewhere, createAttempts, randomText } from '#server/session/attempts.ts'
import type { User } from '#server/tickets/ports.ts'
import { consoleTarget } from '../console-target.ts'
import { auditRefusal } from '../refusal.ts'
import { type LoginWaySettings, type OpenOidc, oidcRedirectUri } from '../settings.ts'
import { type MatchRefusal, matchAccount } from './match.ts'
import type { OidcProviders, Vouched } from './provider.ts'
import { tellBound } from './tell-bound.ts'

export interface OidcLoginDeps {
  store: Store
  ways: Pick<LoginWaySettings, 'oidc'>
  providers: OidcProviders
  sealer: Sealer
  publicUrl: string
  /** Of the region. */
  locale: Locale
  now: () => number
  newId: () => string
  /** Something may be due for delivery. */
  committed: () => void
}

/** Log-in by a company account, at the tenant's OpenID provider. */
export interface OidcLogin {
  /** Throws `way_closed`, and what the provider is to blame for (oidc/provider-error.ts). */
  start(ask: { tenant: TenantId; target: string }, browser: string): Promise<{ authorizeUrl: string }>
  /**
   * `answer`: the query string with which the browser was sent back. Throws `state_invalid`, `login_failed`, what the
   * provider is to blame for, and why the account is nobody's: `not_bound`, `email_unverified`, `identity_taken`,
   * `user_disabled`.
   */
  finish(answer: string, browser: string): Promise<{ user: User; target: string }>
}

const Begun = z.object({ codeVerifier: z.string(), nonce: z.string() })

const sentences: Record<MatchRefusal, string> = {
  not_bound: 'this company account belongs to nobody here',
  email_unverified: 'the OpenID provider has not verified the address of this account',
  identity_taken: 'this person has another company account already',
  user_disabled: 'this person is disabled',
}

export function createOidcLogin(deps: OidcLoginDeps): OidcLogin {
  const { store, providers, sealer, now } = deps
  const attempts = createAttempts({ store, now })
  const redirectUri = oidcRedirectUri(deps.publicUrl)

  const opened = async (tenantId: TenantId): Promise<OpenOidc> => {
    const settings = await deps.ways.oidc(tenantId)
    if (settings === null) throw new AppError('way_closed', 'no company account lets in here')
    return settings
  }

  const identify = async (tenantId: TenantId, settings: OpenOidc, vouched: Vouched): Promise<User> => {
    // A refusal is an outcome: the audit of it is committed.
    const match = await store.run(async (tx) => {
      // Of two log-ins at once, and of whatever else says who is who, one comes first.
      await tx.settings.lock()
      const found = await matchAccount(tx, tenantId, vouched, settings, now())
      if (found.kind === 'refused') {
        const { uid, reason } = found
        await auditRefusal(tx, { tenantId, way: 'oidc', uid, reason, at: now() })
      }
      if (found.kind === 'found' && found.isNew) {
        await tellBound(tx, found.user, { locale: deps.locale, newId: deps.newId, at: now() })
      }
      return found
    })
    if (match.kind === 'refused') throw new AppError(match.reason, sentences[match.reason])
    if (match.isNew) deps.committed()
    return match.user
  }

  return {
    async start({ tenant: tenantId, target }, browser) {
      const settings = await opened(tenantId)
      const begun = { codeVerifier: client.randomPKCECodeVerifier(), nonce: client.randomNonce() }
      const state = randomText()
      const authorizeUrl = await providers.authorizeUrl(settings, redirectUri, { ...begun, state })
      const sealed = sealer.seal(JSON.stringify(begun), begunPlace(tenantId))
      const detail = { begun: sealed, issuer: settings.issuer, target: consoleTarget(target) }
      await attempts.begin({ tenantId, kind: 'oidc', channel: '', detail }, browser, state)
      return { authorizeUrl }
    },

    async finish(answer, browser) {
      const cameTo = new URL(redirectUri)
      cameTo.search = answer
      const state = cameTo.searchParams.get('state') ?? ''
      const { tenantId, detail } = await attempts.take('oidc', state, browser)
      const settings = await opened(tenantId)
      const begun = openedIfIntact(() => Begun.parse(JSON.parse(sealer.open(detail.begun ?? '', begunPlace(tenantId)))))
      // The answer is for the provider that was asked, not for one that has taken its place meanwhile.
      if (begun === undefined || detail.issuer !== settings.issuer) throw begunElsewhere()
      const wanted = settings.claimName ?? settings.claim
      try {
        const vouched = await providers.vouch(settings, cameTo, { ...begun, state }, wanted)
        return { user: await identify(tenantId, settings, vouched), target: detail.target ?? '' }
      } catch (error) {
        if (error instanceof AppError && error.code === 'login_failed') {
          const refusal = { tenantId, way: 'oidc', uid: null, reason: error.code, at: now() } as const
          await store.run((tx) => auditRefusal(tx, refusal))
        }
        throw error
      }
    },
  }
}

function begunPlace(tenant: TenantId): string {
  return sealContext({ tenant, table: 'login_attempts', column: 'detail', row: 'begun' })
}
