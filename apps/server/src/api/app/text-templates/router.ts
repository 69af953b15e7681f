import type { Locale, RouteName } from '@countersign/contracts'
import { Router } from 'express'
import { managerOf } from '#server/api/app/managers.ts'
import { type Handler, mount } from '#server/api/route.ts'
import type { CardComposer } from '#server/cards/compose.ts'
import type { Store } from '#server/db/stores.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'
import { listTexts } from './list.ts'
import { previewTexts } from './preview.ts'
import { resetText, saveText } from './save.ts'

export interface TextTemplatesDeps {
  store: Store
  sessions: Sessions
  composer: CardComposer
  publicUrl: string
  /** Of the region, for tenants that have set none. */
  locale: Locale
  timeZone: string
  now: () => number
}

/** What a tenant says in its own words: for its administrators and DBAs. */
export function textTemplatesRouter(deps: TextTemplatesDeps): Router {
  const router = Router()
  const admit = managerOf(deps.sessions)
  const on = <Name extends RouteName>(name: Name, handler: Handler<Name, User>): void =>
    mount(router, name, handler, admit)

  on('listTexts', async ({ who, query }) => listTexts(deps, who, query))
  on('saveText', async ({ who, body }) => saveText(deps, who, body))
  on('resetText', async ({ who, query }) => resetText(deps, who, query))
  on('previewTexts', async ({ who, body }) => previewTexts(deps, who, body))
  return router
}
