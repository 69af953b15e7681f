import type { ApprovalTemplateView } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { type By, createTemplate, preferTemplate, removeTemplate, replaceTemplate } from '#server/templates/keep.ts'
import { previewTemplate } from '#server/templates/preview.ts'
import { viewTemplates } from '#server/templates/view.ts'
import type { User } from '#server/tickets/ports.ts'

export interface ApprovalTemplatesRouterDeps {
  store: Store
  sessions: Sessions
  now: () => number
}

/** Who is asked, prepared for each module: for administrators and DBAs. */
export function approvalTemplatesRouter({ store, sessions, now }: ApprovalTemplatesRouterDeps): Router {
  const router = Router()
  const { stores } = store
  const on = forRoles(router, sessions)
  const by = (who: User): By => ({ who, at: now() })

  const seen = async ({ tenantId }: User, id: string): Promise<ApprovalTemplateView> => {
    const found = await stores.approvalTemplates.find(tenantId, id)
    const all = found === null ? [] : await stores.approvalTemplates.ofModule(tenantId, found.template.module)
    const [view] = found === null ? [] : await viewTemplates(stores, tenantId, [found], all)
    if (view === undefined) throw new AppError('not_found', 'there is no such approval template')
    return view
  }

  on('listApprovalTemplates', async ({ who: { tenantId } }) => {
    const all = await stores.approvalTemplates.list(tenantId)
    return { items: await viewTemplates(stores, tenantId, all, all) }
  })
  on('getApprovalTemplate', ({ who, id }) => seen(who, id))
  on('createApprovalTemplate', async ({ who, body }) => {
    await store.run((tx) => createTemplate(tx, by(who), body.template))
    return seen(who, body.template.id)
  })
  on('replaceApprovalTemplate', async ({ who, id, body }) => {
    await store.run((tx) => replaceTemplate(tx, by(who), id, body))
    return seen(who, id)
  })
  on('removeApprovalTemplate', async ({ who, id }) => {
    await store.run((tx) => removeTemplate(tx, by(who), id))
    return undefined
  })
  on('preferApprovalTemplate', async ({ who, id }) => {
    await store.run((tx) => preferTemplate(tx, by(who), id))
    return seen(who, id)
  })
  on('previewApprovalTemplate', ({ who, body }) => previewTemplate(stores, who.tenantId, body.template, body.submitter))
  return router
}
