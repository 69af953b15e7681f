import { OidcSettings, type TenantId } from '@countersign/contracts'
import { openedIfIntact, type Sealer, sealContext } from '#server/crypto/seal.ts'
import type { LoginWayRow } from './login-way-store.ts'

/** How an OpenID provider is kept: the secret apart from the rest, and sealed for its place. */
export function storeOidc(
  sealer: Sealer,
  tenantId: TenantId,
  { enabled, clientSecret, ...settings }: OidcSettings,
): Pick<LoginWayRow, 'enabled' | 'settings' | 'secret'> {
  return {
    enabled: enabled ? 1 : 0,
    settings: JSON.stringify(settings),
    secret: sealer.seal(clientSecret, secretPlace(tenantId)),
  }
}

/** With the secret opened: never log or return it. Throws SealError. */
export function openOidc(sealer: Sealer, row: LoginWayRow): OidcSettings {
  const settings: unknown = JSON.parse(row.settings)
  const clientSecret = row.secret === null ? '' : sealer.open(row.secret, secretPlace(row.tenant_id))
  return OidcSettings.parse({ ...Object(settings), clientSecret, enabled: row.enabled === 1 })
}

const PlainOidc = OidcSettings.omit({ clientSecret: true, enabled: true })

/** Without the secret. */
export function plainOidc({ settings }: Pick<LoginWayRow, 'settings'>) {
  return PlainOidc.parse(JSON.parse(settings))
}

/** The same, with its secret sealed by the key that writes now; null where that is so already, or the seal is broken. */
export function sealedAnew(sealer: Sealer, row: LoginWayRow): LoginWayRow | null {
  const { secret } = row
  if (secret === null || !sealer.isStale(secret)) return null
  const place = secretPlace(row.tenant_id)
  const opened = openedIfIntact(() => sealer.open(secret, place))
  return opened === undefined ? null : { ...row, secret: sealer.seal(opened, place) }
}

function secretPlace(tenant: TenantId): string {
  return sealContext({ tenant, table: 'login_ways', column: 'secret', row: 'oidc' })
}
