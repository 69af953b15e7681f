import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { Store } from '#server/db/stores.ts'
import type { Sessions } from '#server/session/sessions.ts'
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
  const on = forRoles(router, deps.sessions)

  on('listNotificationRules', ({ who }) => listRules(store.stores, who.tenantId))
  on('setNotificationRule', ({ who, module, event, body }) =>
    store.run((tx) => setRule(tx, { by: who, module, event, at: now() }, body)),
  )
  on('resetNotificationRule', ({ who, module, event }) =>
    store.run((tx) => resetRule(tx, { by: who, module, event, at: now() })),
  )
  return router
}
