import type { ChannelName, LoginWays, TenantId } from '@countersign/contracts'
import { plainOidc } from '#server/db/login-way-settings.ts'
import type { Stores } from '#server/db/stores.ts'
import { loginChannels } from '#server/people/login-link.ts'
import { isEmailWanted, oidcRedirectUri } from './settings.ts'

const none = { issuer: null, clientId: null, label: null, claimName: null, people: 0 }

/** Which ways in are open, as an administrator sees it: never a secret. */
export async function viewLoginWays(
  stores: Pick<Stores, 'loginWays' | 'companyAccounts' | 'notificationSettings'>,
  tenantId: TenantId,
  publicUrl: string,
): Promise<LoginWays> {
  const [rows, enabled] = await Promise.all([
    stores.loginWays.rows(tenantId),
    stores.notificationSettings.enabledChannels(tenantId),
  ])
  const email = rows.find(({ way }) => way === 'email')
  const oidc = rows.find(({ way }) => way === 'oidc')
  const plain = oidc === undefined ? undefined : plainOidc(oidc)
  return {
    redirectUri: oidcRedirectUri(publicUrl),
    platforms: loginChannels.filter((name): name is ChannelName => enabled.has(name)),
    email: {
      open: isEmailWanted(email),
      provisioned: email?.provisioned === 1,
      channelEnabled: enabled.has('email'),
    },
    oidc: {
      isConfigured: oidc !== undefined,
      enabled: oidc?.enabled === 1,
      provisioned: oidc?.provisioned === 1,
      secretSet: (oidc?.secret ?? null) !== null,
      claim: plain?.claim ?? 'email',
      scopes: plain?.scopes ?? ['openid', 'email', 'profile'],
      ...(plain === undefined
        ? none
        : {
            issuer: plain.issuer,
            clientId: plain.clientId,
            label: plain.label ?? null,
            claimName: plain.claimName ?? null,
            people: await stores.companyAccounts.countOf(tenantId, plain.issuer),
          }),
    },
  }
}
