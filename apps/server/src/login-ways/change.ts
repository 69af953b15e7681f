import { type ChangeLoginWays, OidcSettings, type TenantId } from '@countersign/contracts'
import { fieldErrors } from '#server/api/route.ts'
import { openedIfIntact, type Sealer } from '#server/crypto/seal.ts'
import { openOidc, plainOidc, storeOidc } from '#server/db/login-way-settings.ts'
import type { LoginWayRow, SettableWay } from '#server/db/login-way-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { By } from '#server/people/change.ts'
import { isEmailWanted, isSameIssuer } from './settings.ts'

/**
 * Opens or closes ways in, and sets the OpenID provider up. To be called inside a unit of work. Throws `provisioned`, and
 * `invalid_request` with every bad setting as `oidc.<name>`.
 */
export async function changeLoginWays(
  tx: Pick<Stores, 'settings' | 'loginWays' | 'audit'>,
  by: By,
  ask: ChangeLoginWays,
  sealer: Sealer,
): Promise<void> {
  await tx.settings.lock()
  if (ask.email !== undefined) await changeEmail(tx, by, ask.email.open)
  if (ask.oidc !== undefined) await changeOidc(tx, by, ask.oidc, sealer)
}

/**
 * Whoever sets the mail server could read the codes that log people in: after each change of it the way in stays closed
 * until an administrator opens it, knowing whose server it is. To be called inside a unit of work.
 */
export async function closeEmailLogin(tx: Pick<Stores, 'loginWays' | 'audit'>, by: By): Promise<void> {
  const before = await tx.loginWays.row(by.admin.tenantId, 'email')
  if (before?.provisioned !== 1) await changeEmail(tx, by, false)
}

async function changeEmail(tx: Pick<Stores, 'loginWays' | 'audit'>, by: By, open: boolean): Promise<void> {
  const { tenantId } = by.admin
  const before = await rowToChange(tx, tenantId, 'email')
  if (isEmailWanted(before) === open) return
  const row = {
    tenant_id: tenantId,
    way: 'email',
    settings: '{}',
    secret: null,
    provisioned: 0,
    updated_at: by.at,
  } as const
  await tx.loginWays.put({ ...row, enabled: open ? 1 : 0 })
  await audit(tx, by, 'email', { enabled: open })
}

async function changeOidc(
  tx: Pick<Stores, 'loginWays' | 'audit'>,
  by: By,
  ask: NonNullable<ChangeLoginWays['oidc']>,
  sealer: Sealer,
): Promise<void> {
  const { tenantId } = by.admin
  const before = await rowToChange(tx, tenantId, 'oidc')
  const fields = Object.keys(ask).filter((name) => name !== 'enabled')
  const enabled = ask.enabled ?? before?.enabled === 1
  const isSwitch = before !== null && fields.length === 0
  if (isSwitch && enabled === (before.enabled === 1)) return
  // Whatever is wrong with its settings, a way in can be closed.
  const stored =
    isSwitch && !enabled ? { enabled: 0 as const } : storeOidc(sealer, tenantId, checked(before, ask, enabled, sealer))
  const updated_at = Math.max(by.at, (before?.updated_at ?? 0) + 1)
  const kept = before ?? { tenant_id: tenantId, way: 'oidc', settings: '{}', secret: null, enabled: 0 as const }
  const row: LoginWayRow = { ...kept, ...stored, provisioned: 0, updated_at }
  await tx.loginWays.put(row)
  // An issuer says who everybody is: it belongs into the audit.
  await audit(tx, by, 'oidc', { enabled, fields: fields.sort().join(' '), issuer: plainOidc(row).issuer })
}

function checked(
  before: LoginWayRow | null,
  ask: NonNullable<ChangeLoginWays['oidc']>,
  enabled: boolean,
  sealer: Sealer,
): OidcSettings {
  const stored = before === null ? {} : (openedIfIntact(() => openOidc(sealer, before)) ?? plainOidc(before))
  const merged = Object.entries({ ...stored, ...ask, enabled }).filter(([, value]) => value !== null)
  const result = OidcSettings.safeParse(Object.fromEntries(merged))
  if (!result.success) {
    throw refused(fieldErrors(result.error).map(({ path, message }) => ({ path: `oidc.${path}`, message })))
  }
  const settings = result.data
  const isMoved = before !== null && !isSameIssuer(plainOidc(before).issuer, settings.issuer)
  if (isMoved && ask.clientSecret === undefined) {
    const message = 'must be given again, since it would go to another address'
    throw refused([{ path: 'oidc.clientSecret', message }])
  }
  return settings
}

async function rowToChange(
  { loginWays }: Pick<Stores, 'loginWays'>,
  tenantId: TenantId,
  way: SettableWay,
): Promise<LoginWayRow | null> {
  const row = await loginWays.row(tenantId, way)
  if (row?.provisioned === 1) {
    throw new AppError('provisioned', 'this way in stands in the provisioning file, and is changed there')
  }
  return row
}

function refused(errors: { path: string; message: string }[]): AppError {
  return new AppError('invalid_request', 'the settings are not acceptable', { errors })
}

async function audit(
  tx: Pick<Stores, 'audit'>,
  { admin: { tenantId, uid }, at }: By,
  way: SettableWay,
  detail: Record<string, string | boolean>,
): Promise<void> {
  const entry = { tenantId, at, actor: uid, action: 'login_way.change', target: `login_way:${way}` }
  await tx.audit.append({ ...entry, detail })
}
