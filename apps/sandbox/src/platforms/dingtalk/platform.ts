import { Router } from 'express'
import type { Core } from '#sandbox/core.ts'
import type { Poster } from '#sandbox/post.ts'
import type { Host, Route } from './api.ts'
import { CallbackRoutes } from './cards/callback-routes.ts'
import { CardCallbacks } from './cards/callbacks.ts'
import { type CardDeps, deliverRoutes } from './cards/deliver.ts'
import { CardInstances } from './cards/instances.ts'
import { CardPressing } from './cards/press.ts'
import { updateRoutes } from './cards/update.ts'
import { contactRoutes } from './contacts.ts'
import { Directory } from './directory.ts'
import { Gateway } from './gateway.ts'
import { GroupMessages } from './group-messages.ts'
import { GroupRobotWebhook } from './group-robot/send.ts'
import { jsTicketRoutes } from './js-tickets.ts'
import { AuthCodes } from './login/auth-codes.ts'
import { Bridge } from './login/bridge.ts'
import { OAuth } from './login/oauth.ts'
import { MessagesIn } from './messages-in.ts'
import { Quota } from './quota.ts'
import { Robot } from './robot.ts'
import { Sessions } from './sessions.ts'
import type { DingtalkSettings } from './settings.ts'
import type { DingtalkSnapshot } from './snapshot.ts'
import { StreamGateway } from './stream/gateway.ts'
import { Templates } from './template/templates.ts'
import { Tokens, tokenRoutes } from './tokens.ts'
import { WorkNotifications } from './work-notifications.ts'

/** DingTalk, both editions: two API hosts, the log-in page and the Stream gateway. */
export interface DingtalkPlatform {
  routes: Route[]
  settings: DingtalkSettings
  templates: Templates
  pressing: CardPressing
  messagesIn: MessagesIn
  groupRobots: GroupRobotWebhook
  callbackRoutes: CallbackRoutes
  stream: StreamGateway
  bridge: Bridge
  quota: Quota
  /** `/api`, `/oapi` and `/login` below the platform's address. */
  router(): Router
  /** Forgets cards, codes, conversations and rate windows; tokens and registered callbacks stay. */
  clear(): void
  close(): void
  export(): DingtalkSnapshot
  restore(snapshot: DingtalkSnapshot): void
}

export function createDingtalkPlatform(core: Core, poster: Poster, settings: DingtalkSettings): DingtalkPlatform {
  const quota = new Quota(core, settings)
  const tokens = new Tokens(core)
  const directory = new Directory(core)
  const templates = new Templates(core.world.dingtalkApps.values())
  const cards = new CardInstances(core, directory, templates, settings)
  const cardDeps: CardDeps = { core, directory, templates, cards, settings }
  const callbackRoutes = new CallbackRoutes()
  const stream = new StreamGateway(core, settings)
  const codes = new AuthCodes(core)
  const oauth = new OAuth(core, tokens, codes)
  const robot = new Robot(core, directory)
  const groupMessages = new GroupMessages(core)
  const groupRobots = new GroupRobotWebhook(core, quota, settings)
  const workNotifications = new WorkNotifications(core, directory)
  const sessions = new Sessions(core)
  const gateway = new Gateway(core, tokens, quota, settings)
  const callbacks = new CardCallbacks(core, { poster, routes: callbackRoutes, stream, quota, settings })
  const routes = [
    ...tokenRoutes(core, tokens),
    ...jsTicketRoutes(core),
    ...contactRoutes(core, directory),
    ...oauth.routes,
    ...deliverRoutes(cardDeps),
    ...updateRoutes(cardDeps),
    ...callbackRoutes.routes,
    ...robot.routes,
    ...groupMessages.routes,
    ...groupRobots.routes,
    ...sessions.routes,
    ...workNotifications.routes,
    ...stream.routes,
  ]
  return {
    routes,
    settings,
    templates,
    callbackRoutes,
    stream,
    quota,
    groupRobots,
    pressing: new CardPressing(cardDeps, callbacks),
    messagesIn: new MessagesIn(core, { poster, stream, sessions, quota, settings }),
    bridge: new Bridge(core, codes),
    router: () => createRouter(gateway, routes),
    clear: () => {
      const parts = [
        cards,
        codes,
        oauth,
        robot,
        groupMessages,
        groupRobots,
        workNotifications,
        sessions,
        gateway,
        quota,
      ]
      for (const part of parts) part.clear()
    },
    close: () => stream.close(),
    export: () => ({
      tokens: tokens.export(),
      cards: cards.export(),
      callbackRoutes: callbackRoutes.export(),
      usage: quota.export(),
    }),
    restore: (snapshot) => {
      tokens.restore(snapshot.tokens)
      cards.restore(snapshot.cards)
      callbackRoutes.restore(snapshot.callbackRoutes)
      quota.restore(snapshot.usage)
    },
  }
}

function createRouter(gateway: Gateway, routes: Route[]): Router {
  const router = Router()
  for (const host of ['api', 'oapi', 'login'] satisfies Host[]) {
    const inner = Router()
    for (const route of routes.filter((one) => one.host === host)) {
      const method = route.method.toLowerCase() as 'get' | 'post' | 'put'
      inner[method](route.path, (request, response) => gateway.handle(route, request, response))
    }
    inner.use((request, response) => gateway.notFound(host, request, response))
    router.use(`/${host}`, inner)
  }
  return router
}
