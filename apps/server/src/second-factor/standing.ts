import { type Role, readsEveryTicket, type SecondFactorState } from '@countersign/contracts'
import type { SecondFactorStanding } from '#server/db/second-factor-store.ts'
import type { SessionRecord, Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Visitor } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

/** Whoever adds or removes a factor, or takes somebody else's away, has given one within this time. */
export const recentMs = 10 * 60 * 1_000

/** What is left of anybody's roles while a second factor is awaited. */
const memberOnly: Role[] = ['user']

/** The one place where a missing second factor takes rights away: every check of a role sees only what is left. */
export async function withSecondFactor(
  stores: Pick<Stores, 'secondFactors'>,
  session: SessionRecord,
  user: User,
): Promise<Visitor> {
  // Whoever removes the last one loses it in all their sessions, so that this holds without asking.
  if (session.secondFactorAt !== null) return { session, user, secondFactor: 'given' }
  const secondFactor = stateOf(await stores.secondFactors.standing(user), user.roles)
  return { session, secondFactor, user: secondFactor === 'none' ? user : { ...user, roles: memberOnly } }
}

/** Of a session in which none was given. */
export function stateOf({ enrolled, demanded }: SecondFactorStanding, roles: readonly Role[]): SecondFactorState {
  if (enrolled) return 'needed'
  return demanded && readsEveryTicket.some((role) => roles.includes(role)) ? 'missing' : 'none'
}

/** Until when (epoch ms) factors may be changed; null: one must be given first. */
export function mayChangeUntil({ secondFactorAt }: SessionRecord, now: number): number | null {
  const until = (secondFactorAt ?? Number.NEGATIVE_INFINITY) + recentMs
  return until > now ? until : null
}

/**
 * Throws AppError('second_factor_needed') unless the person has given one in this session within the last ten minutes, or
 * has none. To be called in the unit of work of what it guards: the first may have been added meanwhile.
 */
export async function requireRecent(
  tx: Pick<Stores, 'secondFactors'>,
  { session, user }: Visitor,
  now: number,
): Promise<void> {
  if (mayChangeUntil(session, now) !== null) return
  const { enrolled } = await tx.secondFactors.standing(user)
  if (enrolled) throw new AppError('second_factor_needed', 'give your second factor first')
}
