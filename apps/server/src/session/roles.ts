import type { Role } from '@countersign/contracts'
import { AppError } from '#server/errors.ts'
import type { User } from '#server/tickets/ports.ts'

/** Throws AppError('forbidden') unless the person has one of the roles. */
export function requireRole(user: Pick<User, 'roles'>, allowed: readonly Role[]): void {
  if (user.roles.some((role) => allowed.includes(role))) return
  throw new AppError('forbidden', `this needs the role ${allowed.join(' or ')}`)
}
