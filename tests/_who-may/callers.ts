import { createHash } from 'node:crypto'
import type { Role } from '@countersign/contracts'
import {
  disabledPerson,
  type Key,
  keyOf,
  keys,
  type Person,
  people,
  personNames,
  type Tenant,
  type TwoTenants,
  tenants,
} from './two-tenants.ts'

/** Somebody who asks, with all that tells who they are. */
export interface Caller {
  name: string
  /** Sent with every request. */
  headers: Record<string, string>
  tenant: Tenant
  /** Null: their session or key is none, or is no more. */
  as: { uid: string; roles: readonly Role[] } | { scopes: readonly string[] } | null
}

const cookie = (value: string): Record<string, string> => ({ cookie: value })
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })

/** Everybody who may come to a host: with no name, with a session, with a key, and with what was good once. */
export async function allCallers(world: TwoTenants): Promise<Caller[]> {
  const callers: Caller[] = [{ name: 'nobody', headers: {}, tenant: 'acme', as: null }]
  for (const tenant of tenants) {
    for (const uid of personNames) callers.push(await person(world, tenant, uid))
    for (const [key, scopes] of Object.entries(keys)) {
      const headers = bearer(keyOf(tenant, key as Key))
      callers.push({ name: `key ${key} of ${tenant}`, headers, tenant, as: { scopes } })
    }
  }
  return [...callers, ...(await lapsed(world))]
}

/** Somebody of this tenant, logged in anew. */
export async function person(world: TwoTenants, tenant: Tenant, uid: Person): Promise<Caller> {
  const headers = cookie(await world.logIn(tenant, uid))
  return { name: `${uid} of ${tenant}`, headers, tenant, as: { uid, roles: people[uid] } }
}

async function lapsed(world: TwoTenants): Promise<Caller[]> {
  const { store } = world.server.context
  const none = { tenant: 'acme', as: null } as const
  const disabled = cookie(await world.logIn('acme', disabledPerson))
  // As if the session had outlived it: what keeps the person out is that they are disabled.
  await store.run(async (tx) => {
    const row = await tx.people.row('acme', disabledPerson)
    if (row === null) throw new Error('there is no such person')
    await tx.settings.putUsers([{ ...row, disabled: 1 }])
  })
  const loggedOut = cookie(await world.logIn('acme', 'admin'))
  const answer = await fetch(`${world.url}/api/app/session`, {
    method: 'DELETE',
    headers: { ...loggedOut, 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin' },
  })
  if (answer.status !== 204) throw new Error(`log-out: ${answer.status}`)
  const expired = 'csk_acme_expired_0123456789'
  await store.run(async (tx) => {
    const key = { tenantId: 'acme', name: 'expired', scopes: ['tickets:read' as const, 'tickets:write' as const] }
    const keyHash = createHash('sha256').update(expired).digest('hex')
    await tx.tenants.addApiKey({ ...key, keyHash, webhookSecret: null, createdAt: 0, expiresAt: 1 })
  })
  return [
    { name: 'somebody disabled, with a session', headers: disabled, ...none },
    { name: 'somebody logged out', headers: loggedOut, ...none },
    { name: 'an expired key', headers: bearer(expired), ...none },
    { name: 'a key of nobody', headers: bearer('csk_of_nobody_0123456789'), ...none },
    { name: 'a key as a cookie', headers: cookie(`cs_access=${keyOf('acme', 'both')}`), ...none },
  ]
}

export const uidOf = ({ as }: Caller): string | null => (as !== null && 'uid' in as ? as.uid : null)
