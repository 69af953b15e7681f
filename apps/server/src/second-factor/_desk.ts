import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import type { TestDatabase, TestEngine } from '#server/db/_engines.ts'
import { addPeople, addTenant } from '#server/db/_fixtures.ts'
import type { Store } from '#server/db/stores.ts'
import type { Visitor } from '#server/session/sessions.ts'
import { createThrottles } from '#server/verification/throttles.ts'
import type { SecondFactorDeps } from './deps.ts'
import { beginAuthenticator, confirmAuthenticator } from './enrol.ts'
import { createRelyingParty } from './relying-party.ts'
import { withSecondFactor } from './standing.ts'

/*
 * Alice administers, Carol is a DBA, Bob is a member; in another organisation there is an Alice too. The clock is set by
 * hand, and codes are those that an app would show.
 */

export const stepMs = 30_000
export const minuteMs = 60_000

export interface Desk extends AsyncDisposable {
  database: TestDatabase
  deps: SecondFactorDeps
  /** The same people on another instance. */
  other(): Promise<SecondFactorDeps>
  clock: { now: number }
  /** Somebody who has just logged in. */
  logIn(uid: string, tenantId?: string): Promise<Visitor>
  /** The same session as it stands now. Throws where it has ended. */
  again(visitor: Visitor): Promise<Visitor>
  /** Sets up an app in this session, and says what it shows. */
  setUpApp(visitor: Visitor): Promise<App>
  /** What the audit has of the second factor, the oldest first. */
  audited(tenantId?: string): Promise<string[]>
}

export interface App {
  recoveryCodes: string[]
  /** What it shows now, or so many steps from now. */
  code(steps?: number): string
}

export async function openDesk(engine: TestEngine): Promise<Desk> {
  const database = await engine.open()
  await addTenant(database)
  await addTenant(database, 'beta')
  await addPeople(database, ['alice', 'bob', 'carol'])
  await addPeople(database, ['alice'], 'beta')
  await giveRole(database, 'alice', 'admin')
  await giveRole(database, 'carol', 'dba')
  const clock = { now: Date.parse('2026-11-02T09:00:00Z') }
  const keys = createKeyRing([randomBytes(32)])
  const depsOver = (store: Store): SecondFactorDeps => ({
    store,
    sealer: createSealer(keys),
    throttles: createThrottles({ keys, now: () => clock.now }),
    relyingParty: createRelyingParty('https://sign.acme.test'),
    now: () => clock.now,
    newId: () => randomBytes(8).toString('hex'),
  })
  const deps = depsOver(database.store)
  const visitorOf = async (id: string): Promise<Visitor> => {
    const session = await database.stores.sessions.session(id)
    if (session === null || session.revokedAt !== null) throw new Error(`session ${id} has ended`)
    const user = await database.stores.directory.user(session.tenantId, session.uid)
    if (user === null) throw new Error(`there is no ${session.uid}`)
    return withSecondFactor(database.stores, session, user)
  }
  return {
    database,
    deps,
    clock,
    // SQLite has one instance.
    other: async () => (engine.name === 'postgres' ? depsOver(await database.openAgain()) : deps),
    async logIn(uid, tenantId = 'acme') {
      const id = randomBytes(8).toString('hex')
      await database.stores.sessions.addSession({
        ...{ tenantId, id, uid, channel: null, refreshHash: 'r', previousHash: null, rotatedAt: clock.now },
        ...{ createdAt: clock.now, expiresAt: clock.now + 1_000 * minuteMs, revokedAt: null, userAgent: null },
        ...{ platformUserId: null, secondFactorAt: null, way: null },
      })
      return visitorOf(id)
    },
    again: ({ session }) => visitorOf(session.id),
    async setUpApp(visitor) {
      const { secret } = await beginAuthenticator(deps, visitor)
      const totp = new TOTP({ secret: Secret.fromBase32(secret) })
      const code = (steps = 0): string => totp.generate({ timestamp: clock.now + steps * stepMs })
      const recoveryCodes = (await confirmAuthenticator(deps, visitor, code())) ?? []
      // The code that set it up is used: the next one is good in the next step.
      clock.now += stepMs
      return { code, recoveryCodes }
    },
    async audited(tenantId = 'acme') {
      const { items } = await database.stores.audit.list(tenantId, {}, { limit: 100 })
      return items.map(({ actor, action, target, detail }) => `${actor} ${action} ${target} ${detail}`).reverse()
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

async function giveRole({ db }: TestDatabase, uid: string, role: string): Promise<void> {
  const roles = JSON.stringify([role, 'user'])
  await db.updateTable('users').set({ roles }).where('tenant_id', '=', 'acme').where('uid', '=', uid).execute()
}

/** A code that is none of those that are good now. */
export function wrongCode(app: App): string {
  const good = [-1, 0, 1].map((steps) => app.code(steps))
  return ['000000', '000001', '000002', '000003'].find((code) => !good.includes(code)) ?? ''
}
