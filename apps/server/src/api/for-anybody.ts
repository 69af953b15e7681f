import type { OpenRoute } from '@countersign/contracts'
import type { Router } from 'express'
import { type Handler, mount } from './route.ts'

/** Mounts endpoints that are open before anybody is logged in. */
export function forAnybody(
  router: Router,
): <Name extends OpenRoute>(name: Name, handler: Handler<Name, undefined>) => void {
  return (name, handler) => mount(router, name, handler, async () => undefined)
}
