import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiScope, ProvisioningFile, Role } from '@countersign/contracts'
import { type RunningServer, startServer } from '@countersign/server'
import { writeProvisioning } from '../_provisioning-file.ts'

/*
 * A host with two tenants that look alike: the same uids with the same roles, so that only the tenant tells them apart.
 * Nobody has an address, and no platform is there: nothing happens by itself.
 */

export const tenants = ['acme', 'beta'] as const
export type Tenant = (typeof tenants)[number]
export const otherThan = (tenant: Tenant): Tenant => (tenant === 'acme' ? 'beta' : 'acme')

/** How they stand to the ticket of their tenant, or their role. */
export const people = {
  member: [],
  submitter: [],
  /** Has approved the first step. */
  passed: [],
  /** Is asked now. */
  approver: [],
  /** Will be asked when the present step is passed. */
  later: [],
  cc: [],
  owner: [],
  dba: ['dba'],
  admin: ['admin'],
  security: ['security_admin'],
} as const satisfies Record<string, readonly Role[]>
export type Person = keyof typeof people
export const personNames = Object.keys(people) as Person[]

/** Of a ticket that has nothing to do with anybody above. */
export const strangers = { submitter: 'other-submitter', approver: 'other-approver' } as const
/** Logged in, and disabled after that. */
export const disabledPerson = 'disabled'
/** A uid, key or template that only this tenant has. */
export const onlyOf = (tenant: Tenant): string => `only-${tenant}`
/** Stands in every title and name of a tenant's: no answer to anybody else may have it. */
export const markerOf = (tenant: Tenant): string => `Confidential of ${tenant}`

export const keys = {
  reads: ['tickets:read'],
  writes: ['tickets:write'],
  both: ['tickets:read', 'tickets:write'],
} as const satisfies Record<string, readonly ApiScope[]>
export type Key = keyof typeof keys
export const keyOf = (tenant: Tenant, key: Key): string => `csk_${tenant}_${key}_0123456789`

function provisioned(tenant: Tenant): ProvisioningFile['tenants'][number] {
  const user = (uid: string, roles: readonly Role[] = []) => ({
    uid,
    name: `${uid}, ${markerOf(tenant)}`,
    roles: ['user' as const, ...roles],
    disabled: false,
    channels: {},
  })
  const open = `http://127.0.0.1:9`
  return {
    id: tenant,
    name: `Tenant, ${markerOf(tenant)}`,
    locale: 'en',
    timeZone: 'Asia/Singapore',
    allowSelfApproval: false,
    coverageReport: false,
    channels: {
      lark: {
        ...{ enabled: true, connection: 'http', openUrl: open, accountsUrl: open },
        ...{ appId: `cli_0000000000000${tenant}`, appSecret: 'secret-for-tests', encryptKey: 'key-for-tests' },
        verificationToken: 'token-for-tests',
      },
      webhook: { enabled: true, allowPrivateNetworks: true, signatureRecipe: 'url-newline-event' },
    },
    users: [
      ...personNames.map((uid) => user(uid, people[uid])),
      ...[strangers.submitter, strangers.approver, disabledPerson, onlyOf(tenant)].map((uid) => user(uid)),
    ],
    apiKeys: Object.entries(keys).map(([key, scopes]) => ({
      ...{ name: `${key} ${markerOf(tenant)}`, key: keyOf(tenant, key as Key), scopes: [...scopes] },
    })),
    approvalTemplates: [
      {
        id: onlyOf(tenant),
        module: 'data_export',
        nodes: [{ name: markerOf(tenant), approvers: ['approver'], rule: 'any' }],
      },
    ],
    notificationRules: [],
  }
}

export interface TwoTenants extends AsyncDisposable {
  server: RunningServer
  url: string
  databaseFile: string
  /** Logs somebody in by a link, and gives the cookies. */
  logIn(tenant: Tenant, uid: string): Promise<string>
  /** The secret of a link that logs somebody in once. */
  linkFor(tenant: Tenant, uid: string): Promise<string>
}

export async function startTwoTenants(): Promise<TwoTenants> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  const file = { tenants: tenants.map(provisioned) }
  const variables = {
    PORT: '0',
    DATA_DIR: dataDir,
    PROVISIONING_FILE: writeProvisioning(dataDir, file),
    LOG_LEVEL: 'error',
    // Each request says that it comes from elsewhere: throttles count by the caller's address.
    TRUST_PROXY: '1',
  }
  const server = await startServer({ folder: dataDir, variables }, { greet: () => undefined })
  // As if administrators had added them: what stands in the file is refused to be changed, whoever asks.
  await server.context.store.run(async ({ people: rows, settings }) => {
    for (const tenant of tenants) {
      const users = await rows.everyone(tenant)
      await settings.putUsers(users.map((user) => ({ ...user, provisioned: 0 })))
    }
  })
  const linkFor: TwoTenants['linkFor'] = async (tenantId, uid) => {
    const secret = randomBytes(32).toString('base64url')
    const secretHash = createHash('sha256').update(secret).digest('hex')
    const expiresAt = Date.now() + 60_000
    await server.context.store.run((tx) => tx.sessions.putLink({ tenantId, uid, secretHash, expiresAt }))
    return secret
  }
  return {
    server,
    url: server.url,
    databaseFile: join(dataDir, 'countersign.db'),
    linkFor,
    async logIn(tenant, uid) {
      const link = await linkFor(tenant, uid)
      const answer = await fetch(`${server.url}/api/app/login/link`, {
        method: 'POST',
        headers: { ...ownPage(), 'content-type': 'application/json' },
        body: JSON.stringify({ link }),
      })
      if (answer.status !== 200) throw new Error(`log-in of ${uid}: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
      return answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; ')
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

let callers = 0
/** What our own pages send with every change, from an address that nobody has used before. */
export function ownPage(): Record<string, string> {
  callers += 1
  const from = `10.${(callers >> 16) & 255}.${(callers >> 8) & 255}.${callers & 255}`
  return { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin', 'x-forwarded-for': from }
}
