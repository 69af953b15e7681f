import type { Locale } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { CardComposer } from '#server/cards/compose.ts'
import type { Store } from '#server/db/stores.ts'
import type { Sessions } from '#server/session/sessions.ts'
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
  const on = forRoles(router, deps.sessions)

  on('listTexts', async ({ who, query }) => listTexts(deps, who, query))
  on('saveText', async ({ who, body }) => saveText(deps, who, body))
  on('resetText', async ({ who, query }) => resetText(deps, who, query))
  on('previewTexts', async ({ who, body }) => previewTexts(deps, who, body))
  return router
}
