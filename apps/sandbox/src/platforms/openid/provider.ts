import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Configuration, Provider as OidcProvider } from 'oidc-provider'
import { createMemory } from './memory.ts'
import { renderRefusal } from './person-page.ts'
import type { OpenidAccount, OpenidClient } from './seed.ts'

export interface ProviderOptions {
  issuer: string
  /** Where the person is asked who they are, below which the interaction's id follows. */
  askAt: string
  clients: readonly OpenidClient[]
  account(id: string): OpenidAccount | undefined
}

const scopes = ['openid', 'profile', 'email']

/** A provider that speaks the protocol by a certified library, loaded when it is first needed. */
export async function openProvider({ issuer, askAt, clients, account }: ProviderOptions): Promise<OidcProvider> {
  const { Provider, interactionPolicy } = await import('oidc-provider')
  const policy = interactionPolicy.base()
  // Everybody is asked every time: on this machine one browser is many people.
  const ask = new interactionPolicy.Check('choose', 'somebody has to say who they are', (ctx) =>
    ctx.oidc.result?.login === undefined
      ? interactionPolicy.Check.REQUEST_PROMPT
      : interactionPolicy.Check.NO_NEED_TO_PROMPT,
  )
  policy.get('login')?.checks.add(ask)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const configuration: Configuration = {
    clients: clients.map(({ clientId, clientSecret, redirectUris }) => ({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: redirectUris,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    })),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'sandbox', use: 'sig', alg: 'RS256' }] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      // Cookies know no ports: on one machine these meet those of the server.
      names: { session: 'sandbox_openid', interaction: 'sandbox_openid_ask', resume: 'sandbox_openid_resume' },
    },
    adapter: createMemory(),
    ttl: { AuthorizationCode: 60, AccessToken: 600, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
    claims: {
      openid: ['sub'],
      profile: ['name', 'uid', 'employeeId'],
      email: ['email', 'email_verified'],
    },
    // As most providers do: what the scopes ask for stands in the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_ctx, interaction) => `${askAt}/${interaction.uid}` },
    findAccount: (_ctx, id) => {
      const found = account(id)
      return found === undefined ? undefined : { accountId: id, claims: async () => claimsOf(found) }
    },
    // Of its own company nobody is asked for consent.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? '',
        accountId: ctx.oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope(scopes.join(' '))
      await grant.save()
      return grant
    },
    renderError(ctx, { error, error_description: description = '' }) {
      ctx.type = 'html'
      ctx.body = renderRefusal(error, description)
    },
  }
  return new Provider(issuer, configuration)
}

function claimsOf({ id, name, email, emailVerified, employeeId, uid }: OpenidAccount) {
  return {
    sub: id,
    name,
    ...(email === undefined ? {} : { email, email_verified: emailVerified }),
    ...(employeeId === undefined ? {} : { employeeId }),
    ...(uid === undefined ? {} : { uid }),
  }
}
