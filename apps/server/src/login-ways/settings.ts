import type { LoginOptions, OidcSettings, TenantId } from '@countersign/contracts'
import type { Messenger } from '#server/channels/messenger.ts'
import { openedIfIntact, type Sealer } from '#server/crypto/seal.ts'
import { openOidc, plainOidc } from '#server/db/login-way-settings.ts'
import type { LoginWayRow } from '#server/db/login-way-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { consolePath } from '#server/http/console-page.ts'
import type { Log } from '#server/log.ts'

/** Of a tenant's OpenID provider, which is open. */
export interface OpenOidc extends OidcSettings {
  /** Tells one state of the settings from the next. */
  version: string
}

/** Which ways in are open to the people of a tenant, beside those through its chat platforms. */
export interface LoginWaySettings {
  offer(tenantId: TenantId): Promise<Pick<LoginOptions['tenants'][number], 'email' | 'oidc'>>
  isEmailOpen(tenantId: TenantId): Promise<boolean>
  /** Null: there is none, it is closed, or its secret does not open. */
  oidc(tenantId: TenantId): Promise<OpenOidc | null>
}

export interface LoginWaySettingsDeps {
  stores: Pick<Stores, 'loginWays'>
  messengers: { get(tenantId: string, name: string): Promise<Messenger | null> }
  sealer: Sealer
  log: Pick<Log, 'warn'>
}

/** A code in an e-mail lets people in wherever that channel is on, unless the tenant has closed that way. */
export const isEmailWanted = (row: LoginWayRow | null | undefined): boolean => row?.enabled !== 0

/** Issuers are addresses: with or without a slash at the end of the host they are the same. */
export const isSameIssuer = (one: string, other: string): boolean => new URL(one).href === new URL(other).href

/** Where an OpenID provider sends the browser back to. */
export const oidcRedirectUri = (publicUrl: string): string => `${publicUrl}${consolePath}login/oidc`

export function createLoginWaySettings({ stores, messengers, sealer, log }: LoginWaySettingsDeps): LoginWaySettings {
  const { loginWays } = stores
  const canMail = async (tenantId: TenantId) => (await messengers.get(tenantId, 'email')) !== null
  return {
    async offer(tenantId) {
      const rows = await loginWays.rows(tenantId)
      const oidc = rows.find(({ way, enabled }) => way === 'oidc' && enabled === 1)
      const isWanted = isEmailWanted(rows.find(({ way }) => way === 'email'))
      return {
        email: isWanted && (await canMail(tenantId)),
        oidc: oidc === undefined ? null : { label: plainOidc(oidc).label ?? null },
      }
    },
    async isEmailOpen(tenantId) {
      return isEmailWanted(await loginWays.row(tenantId, 'email')) && (await canMail(tenantId))
    },
    async oidc(tenantId) {
      const row = await loginWays.row(tenantId, 'oidc')
      if (row?.enabled !== 1) return null
      const settings = openedIfIntact(() => openOidc(sealer, row))
      if (settings === undefined) log.warn({ tenantId }, 'the secret of the OpenID provider does not open')
      return settings === undefined ? null : { ...settings, version: `${row.updated_at} ${row.secret}` }
    },
  }
}
