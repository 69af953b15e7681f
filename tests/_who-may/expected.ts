import { type Role, readsEveryTicket, relations, type WhoMay } from '@countersign/contracts'
import type { Caller } from './callers.ts'
import type { Named } from './things.ts'

/** What a caller is to get, by what the contract declares and nothing else. */
export type Expected = 'allowed' | Refused
export interface Refused {
  status: number
  code: string
}

const notFound: Refused = { status: 404, code: 'not_found' }
const forbidden: Refused = { status: 403, code: 'forbidden' }

/** `named`: what the path names; null where it names nothing. */
export function expected(may: WhoMay, { as }: Caller, named: Named | null): Expected {
  switch (may.by) {
    case 'anybody':
      return 'allowed'
    case 'key':
      if (as === null || !('scopes' in as)) return { status: 401, code: 'unauthorized' }
      if (!as.scopes.includes(may.scope)) return { status: 403, code: 'missing_scope' }
      return named === null || named.exists ? 'allowed' : notFound
    case 'session':
      if (as === null || !('uid' in as)) return { status: 401, code: 'no_session' }
      if (may.roles !== 'everybody' && !has(as.roles, may.roles)) return forbidden
      return named === null ? 'allowed' : toThing(may, as, named)
    default:
      return may satisfies never
  }
}

type Somebody = { uid: string; roles: readonly Role[] }

function toThing({ as: relation, orRoles = [] }: WhoMay, { uid, roles }: Somebody, named: Named): Expected {
  const are = named.relations[uid] ?? []
  // Whether there is such a person is no business of whoever may only ask about themself.
  if (relation === 'self') {
    if (named.exists && are.includes('self')) return 'allowed'
    if (!has(roles, orRoles)) return forbidden
  }
  if (!named.exists) return notFound
  if (relation === undefined || relation === 'self') return 'allowed'
  const { of, others } = relations[relation]
  const isReader = are.includes('reader') || has(roles, readsEveryTicket)
  if (of === 'ticket' && !isReader) return notFound
  if (are.includes(relation) || (relation === 'reader' && isReader)) return 'allowed'
  switch (others) {
    case 'not_found':
      return notFound
    case 'forbidden':
      return forbidden
    case 'refusal':
      return { status: 409, code: uid === 'passed' && are.length > 0 ? 'already_decided_by_you' : 'not_approver' }
    default:
      return others satisfies never
  }
}

function has(roles: readonly Role[], wanted: readonly Role[]): boolean {
  return roles.some((role) => wanted.includes(role))
}
