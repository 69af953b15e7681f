import type { KeyRoute } from '@countersign/contracts'
import type { Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import type { ApiKey, TenantStore } from '#server/db/stores.ts'
import { createKeyAuth } from './api-key-auth.ts'

/** Mounts endpoints of the REST API, each for keys with the scope that the contract names. */
export function forKeys(
  router: Router,
  deps: { tenants: TenantStore; now: () => number },
): <Name extends KeyRoute>(name: Name, handler: Handler<Name, ApiKey>) => void {
  const authorize = createKeyAuth(deps)
  return (name, handler) => mount(router, name, handler, (req) => authorize(req, name))
}
