import { Router } from 'express'
import type { Core } from '#sandbox/core.ts'
import type { Poster } from '#sandbox/post.ts'
import type { Platform } from '#sandbox/seed.ts'
import type { Route } from './api.ts'
import { Callbacks } from './callbacks.ts'
import { contactRoutes } from './contacts.ts'
import { createDelayedUpdates } from './delayed-update.ts'
import { departmentRoutes } from './departments.ts'
import { doctorRoutes } from './doctor.ts'
import { createEvents, type Events } from './events.ts'
import { Gateway } from './gateway.ts'
import { Bridge } from './js-sdk.ts'
import { LongConnections } from './long-connection.ts'
import { Messages } from './messages.ts'
import { OAuth } from './oauth.ts'
import { createPressing, type Pressing } from './press.ts'
import { createTokens, type Tokens, tokenRoutes } from './tokens.ts'

/** Lark and Feishu: one implementation under two base paths. */
export interface LarkPlatform {
  routes: Route[]
  tokens: Tokens
  messages: Messages
  callbacks: Callbacks
  events: Events
  pressing: Pressing
  bridge: Bridge
  longConnections: LongConnections
  router(platform: Platform): Router
  /** Forgets codes, uuids and rate windows. Tokens stay: a server in mid-test need not log in again. */
  clear(): void
}

export function createLarkPlatform(core: Core, poster: Poster): LarkPlatform {
  const tokens = createTokens(core)
  const gateway = new Gateway(core, tokens)
  const messages = new Messages(core)
  const delayed = createDelayedUpdates(core)
  const oauth = new OAuth(core, tokens)
  const bridge = new Bridge(core, oauth)
  const longConnections = new LongConnections(core)
  const callbacks = new Callbacks(core, poster, longConnections)
  const routes = [
    ...tokenRoutes(core, tokens),
    // Before the people of one id: `find_by_department` is none.
    ...departmentRoutes(core),
    ...contactRoutes(core),
    ...messages.routes,
    ...delayed.routes,
    ...doctorRoutes(core, longConnections),
    ...longConnections.routes,
    ...oauth.routes,
    ...bridge.routes,
  ]
  return {
    routes,
    tokens,
    messages,
    callbacks,
    events: createEvents(core, callbacks),
    pressing: createPressing(core, callbacks, delayed),
    bridge,
    longConnections,
    router: (platform) => {
      const router = Router()
      for (const route of routes) {
        const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'
        router[method](route.path, (request, response) => gateway.handle(platform, route, request, response))
      }
      router.use((request, response) => gateway.notFound(platform, request, response))
      return router
    },
    clear: () => {
      messages.clear()
      delayed.clear()
      oauth.clear()
      gateway.clear()
    },
  }
}
