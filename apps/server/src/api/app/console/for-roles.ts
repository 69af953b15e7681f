import type { Role, RouteName } from '@countersign/contracts'
import type { Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import { requireRole } from '#server/session/roles.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

/** Mounts an endpoint for people with one of these roles. */
export type MountForRoles = <Name extends RouteName>(
  name: Name,
  roles: readonly Role[],
  handler: Handler<Name, User>,
) => void

/** Who is asking is known, and has the role, before anything of the request is looked at. */
export function forRoles(router: Router, sessions: Sessions): MountForRoles {
  return (name, roles, handler) =>
    mount(router, name, handler, async (req, res) => {
      const { user } = await sessions.require(req, res)
      requireRole(user, roles)
      return user
    })
}
