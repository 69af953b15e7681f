import type { NodeRule } from '@countersign/contracts'
import type { TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { HandClock, type SeedPerson, seedTenant, silentLog, submitTicket } from '#server/delivery/_world.ts'
import { type By, changePerson } from '#server/people/change.ts'
import { createRerouting, type Rerouting } from './rerouting.ts'

/** Test material: Eve and Max administer; Alice is about to leave; Bob submits. Everybody is bound to Lark. */
export async function office(database: TestDatabase, more: readonly SeedPerson[] = []): Promise<void> {
  const people = ['alice', 'bob', 'carol', 'dan', 'frank'].map((uid) => ({ uid }))
  const administrators = ['eve', 'max'].map((uid) => ({ uid, roles: ['admin' as const] }))
  await seedTenant(database, { people: [...people, ...administrators, ...more], enabled: ['lark', 'dingtalk'] })
  await database.db.updateTable('users').set({ provisioned: 0 }).execute()
}

export const clock = (): HandClock => new HandClock()
export const by = (at: number, uid = 'eve'): By => ({ admin: { tenantId: 'acme', uid }, at })

export function rerouting(store: Store, hands: HandClock, owner = 'one'): Rerouting {
  return createRerouting({ store, now: hands.now, committed: () => undefined, owner, log: silentLog })
}

export const ask = (store: Store, at: number, approvers: string[], rule: NodeRule = 'any', more: object = {}) =>
  submitTicket(store, at, { nodes: [{ name: 'DBA', approvers, rule }], ...more })

/** Eve disables somebody, and says who takes over. */
export const disable = (store: Store, at: number, uid: string, to: string[], scope: 'open' | 'stuck' = 'open') =>
  store.run((tx) => changePerson(tx, by(at), uid, { disabled: true, reroute: { to, scope, comment: 'has left' } }))
