import type { ProvisionedTenant } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import { openedIfIntact, type Sealer } from '#server/crypto/seal.ts'
import { openOidc, storeOidc } from '#server/db/login-way-settings.ts'
import type { LoginWayRow } from '#server/db/login-way-store.ts'
import { compareRows } from './changes.ts'

/** What the file says of ways in, as rows. A provider that left the file is closed; its settings stay. */
export function planLoginWays(
  tenant: ProvisionedTenant,
  existing: readonly LoginWayRow[],
  { sealer, now }: { sealer: Sealer; now: () => number },
): { added: string[]; changed: string[]; removed: string[]; put: LoginWayRow[]; remove: LoginWayRow[] } {
  const wanted = wantedWays(tenant)
  const found = compareRows(existing, wanted, {
    existingKey: ({ way }) => way,
    wantedKey: ({ way }) => way,
    isSame: (row, ask) => (ask.way === 'email' ? row.enabled === (ask.open ? 1 : 0) : isSameProvider(sealer, row, ask)),
  })
  const rowOf = (ask: WantedWay): LoginWayRow => ({
    tenant_id: tenant.id,
    way: ask.way,
    ...(ask.way === 'email'
      ? { enabled: ask.open ? 1 : 0, settings: '{}', secret: null }
      : storeOidc(sealer, tenant.id, ask.settings)),
    provisioned: 1,
    updated_at: now(),
  })
  const closed = found.removed
    .filter(({ way }) => way === 'oidc')
    .map((row) => ({ ...row, enabled: 0 as const, provisioned: 0 as const, updated_at: now() }))
  return {
    added: found.added.map(({ way }) => way),
    changed: found.changed.map((change) => change.wanted.way),
    removed: found.removed.map(({ way }) => way),
    put: [...found.added, ...found.changed.map((change) => change.wanted)].map(rowOf).concat(closed),
    remove: found.removed.filter(({ way }) => way === 'email'),
  }
}

type WantedWay = { way: 'email'; open: boolean } | { way: 'oidc'; settings: NonNullable<ProvisionedTenant['oidc']> }

function wantedWays({ emailLogin, oidc }: ProvisionedTenant): WantedWay[] {
  return [
    ...(emailLogin === undefined ? [] : [{ way: 'email' as const, open: emailLogin }]),
    ...(oidc === undefined ? [] : [{ way: 'oidc' as const, settings: oidc }]),
  ]
}

/** A secret that was tampered with, or sealed with an older key, is not the same: the file mends it. */
function isSameProvider(sealer: Sealer, row: LoginWayRow, ask: Extract<WantedWay, { way: 'oidc' }>): boolean {
  if (row.secret === null) return false
  const found = openedIfIntact(() => (sealer.isStale(row.secret ?? '') ? undefined : openOidc(sealer, row)))
  return found !== undefined && canonicalize(found) === canonicalize(ask.settings)
}
