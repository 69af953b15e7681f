import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { Store } from '#server/db/stores.ts'
import { changeLoginWays } from '#server/login-ways/change.ts'
import { testProvider } from '#server/login-ways/oidc/test-provider.ts'
import { viewLoginWays } from '#server/login-ways/view.ts'
import type { Sessions } from '#server/session/sessions.ts'

export interface LoginWaysRouterDeps {
  store: Store
  sessions: Sessions
  sealer: Sealer
  publicUrl: string
  now: () => number
}

/** Which ways in are open to the people of a tenant, as administrators set them. */
export function loginWaysRouter({ store, sessions, sealer, publicUrl, now }: LoginWaysRouterDeps): Router {
  const router = Router()
  const on = forRoles(router, sessions)
  on('getLoginWays', ({ who }) => viewLoginWays(store.stores, who.tenantId, publicUrl))
  on('changeLoginWays', async ({ who, body }) => {
    await store.run((tx) => changeLoginWays(tx, { admin: who, at: now() }, body, sealer))
    return viewLoginWays(store.stores, who.tenantId, publicUrl)
  })
  on('testOidc', ({ body }) => testProvider(body.issuer))
  return router
}
