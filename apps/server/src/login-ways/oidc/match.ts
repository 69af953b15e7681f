import type { OidcClaim, TenantId, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import type { AppErrorCode } from '#server/errors.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Vouched } from './provider.ts'

export type MatchRefusal = Extract<AppErrorCode, 'email_unverified' | 'not_bound' | 'identity_taken' | 'user_disabled'>
/** `isNew`: it has just become theirs. */
export type Match =
  | { kind: 'found'; user: User; isNew: boolean }
  | { kind: 'refused'; reason: MatchRefusal; uid: Uid | null }

/**
 * The person of a company account. Once known it stays theirs, whatever its claims say later. One that is seen for the first
 * time is matched by a claim that nobody here can have written for somebody else, and is theirs from then on; a person has
 * one account at an issuer. To be called inside a unit of work.
 */
export async function matchAccount(
  tx: Stores,
  tenantId: TenantId,
  { issuer, subject, claims }: Vouched,
  { claim, claimName = claim }: { claim: OidcClaim; claimName?: string | undefined },
  at: number,
): Promise<Match> {
  const account = { tenantId, issuer, subject }
  const known = await tx.companyAccounts.personOf(account)
  if (known !== null) return activePerson(tx, tenantId, known)
  const value = claims[claimName]
  if (typeof value !== 'string' || value === '') return refused('not_bound')
  // Many providers let people write any address into their own profile.
  // What is verified is the claim `email`, whatever else may hold an address.
  if (claim === 'email' && (claims.email_verified !== true || claims.email !== value))
    return refused('email_unverified')
  const [uid, another] = await peopleOf(tx, tenantId, claim, value)
  // Of two people whom the claim fits, it tells neither from the other.
  if (uid === undefined || another !== undefined) return refused('not_bound')
  const person = await activePerson(tx, tenantId, uid)
  if (person.kind === 'refused') return person
  if (!(await tx.companyAccounts.bind(account, uid, at))) return refused('identity_taken', uid)
  const detail = { issuer, claim }
  await tx.audit.append({
    tenantId,
    at,
    actor: uid,
    action: 'user.company_account_bound',
    target: `user:${uid}`,
    detail,
  })
  return { ...person, isNew: true }
}

function peopleOf(tx: Stores, tenantId: TenantId, claim: OidcClaim, value: string): Promise<Uid[]> {
  switch (claim) {
    case 'email':
      return tx.loginWays.peopleOfEmail(tenantId, value).then((own) => own.map(({ uid }) => uid))
    case 'employeeId':
      return tx.loginWays.peopleOfEmployeeId(tenantId, value)
    case 'uid':
      return tx.directory.user(tenantId, value).then((user) => (user === null ? [] : [user.uid]))
    default:
      return claim satisfies never
  }
}

async function activePerson(tx: Stores, tenantId: TenantId, uid: Uid): Promise<Match> {
  const user = await tx.directory.user(tenantId, uid)
  if (user === null) return refused('not_bound')
  return user.disabled ? refused('user_disabled', uid) : { kind: 'found', user, isNew: false }
}

const refused = (reason: MatchRefusal, uid: Uid | null = null): Match => ({ kind: 'refused', reason, uid })
