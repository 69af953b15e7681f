import type { Request, Response } from 'express'
import { managers, requireRole } from '#server/session/roles.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

/** Whoever may change channels, rules and texts of a tenant. Throws 401 and 403. */
export function managerOf(sessions: Sessions): (req: Request, res: Response) => Promise<User> {
  return async (req, res) => {
    const { user } = await sessions.require(req, res)
    requireRole(user, managers)
    return user
  }
}
