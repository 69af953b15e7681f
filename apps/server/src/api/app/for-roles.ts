import { type RouteFor, type SessionRoute, whoMay } from '@countersign/contracts'
import type { Router } from 'express'
import { type Admit, type Handler, mount } from '#server/api/route.ts'
import { requireRole } from '#server/session/roles.ts'
import type { Sessions, Visitor } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

/** Endpoints where roles alone decide; where somebody must be more (its submitter, themself) they are no such. */
type RoleRoute = Exclude<SessionRoute, RouteFor<{ as: string }>>

/** Mounts an endpoint for people who are logged in, with one of the roles that the contract names. */
export type MountForRoles = <Name extends RoleRoute>(name: Name, handler: Handler<Name, User>) => void

/** Who is asking is known, and has the role, before anything of the request is looked at. */
export function forRoles(router: Router, sessions: Sessions): MountForRoles {
  return (name, handler) => {
    const admit = visitorFor(sessions, name)
    mount(router, name, handler, async (req, res) => (await admit(req, res)).user)
  }
}

/** The same, for what is about the session itself. */
export function forVisitors(
  router: Router,
  sessions: Sessions,
): <Name extends RoleRoute>(name: Name, handler: Handler<Name, Visitor>) => void {
  return (name, handler) => mount(router, name, handler, visitorFor(sessions, name))
}

/** Who is logged in, with a role that the contract asks for. Throws `no_session` and `forbidden`. */
export function visitorFor(sessions: Sessions, name: SessionRoute): Admit<Visitor> {
  const { roles } = whoMay[name]
  return async (req, res) => {
    const visitor = await sessions.require(req, res)
    if (roles !== 'everybody') requireRole(visitor.user, roles)
    return visitor
  }
}
