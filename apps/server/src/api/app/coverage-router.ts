import { Router } from 'express'
import { cover } from '#server/coverage/cover.ts'
import type { Store } from '#server/db/stores.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { forRoles } from './for-roles.ts'

export interface CoverageDeps {
  store: Store
  sessions: Sessions
  now: () => number
}

/** Who would be told of something, and who not: for administrators and DBAs. */
export function coverageRouter({ store, sessions, now }: CoverageDeps): Router {
  const router = Router()
  const on = forRoles(router, sessions)
  on('myCoverage', ({ who, query }) => cover(store.stores, who.tenantId, query, now()))
  return router
}
