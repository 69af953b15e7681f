import type { RouteName } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import type { Store } from '#server/db/stores.ts'
import { managers, requireRole } from '#server/session/roles.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'
import { listRules, resetRule, setRule } from './rules.ts'

export interface NotificationRulesDeps {
  store: Store
  sessions: Sessions
  now: () => number
}

/** Who is told of what, for those who administer the tenant. */
export function notificationRulesRouter(deps: NotificationRulesDeps): Router {
  const router = Router()
  const { store, now } = deps
  const admit = async (req: Request, res: Response): Promise<User> => {
    const { user } = await deps.sessions.require(req, res)
    requireRole(user, managers)
    return user
  }
  const on = <Name extends RouteName>(name: Name, handler: Handler<Name, User>): void =>
    mount(router, name, handler, admit)

  on('listNotificationRules', ({ who }) => listRules(store.stores, who.tenantId))
  on('setNotificationRule', ({ who, module, event, body }) =>
    store.run((tx) => setRule(tx, { by: who, module, event, at: now() }, body)),
  )
  on('resetNotificationRule', ({ who, module, event }) =>
    store.run((tx) => resetRule(tx, { by: who, module, event, at: now() })),
  )
  return router
}
