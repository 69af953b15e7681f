import { rolesMay, Uid } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { applyImport } from '#server/people/apply-import.ts'
import { type By, changePerson, createPerson } from '#server/people/change.ts'
import { peopleCsv } from '#server/people/export.ts'
import { issueLoginLink } from '#server/people/login-link.ts'
import { planImport, viewPlan } from '#server/people/plan-import.ts'
import { unbindCompanyAccount } from '#server/people/unbind-account.ts'
import { personDetail } from '#server/people/view.ts'
import { countStuckAfter } from '#server/reroute/count-stuck.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

export interface PeopleRouterDeps {
  store: Store
  sessions: Sessions
  publicUrl: string
  now: () => number
  /** What waits for somebody may have to go to others. */
  ordered: () => void
}

/** Where the body is a file, and may be larger than what the app else sends. */
export const peopleImportPath = '/api/app/console/people-import'
/** A file of 1 MiB as JSON, whose line breaks and quotation marks take two bytes. */
export const peopleImportBytes = 2.5 * 1024 * 1024

/** The people of a tenant, as administrators keep them. */
export function peopleRouter({ store, sessions, publicUrl, now, ordered }: PeopleRouterDeps): Router {
  const router = Router()
  const { stores } = store
  const on = forRoles(router, sessions)
  const by = (admin: User): By => ({ admin, at: now() })
  /** Contact details are for those who keep them. */
  const seen = (who: User, uid: string) => personDetail(stores, who.tenantId, uid, rolesMay(who.roles, 'changePerson'))
  /** What cannot be a uid names nobody. */
  const uidOf = (id: string): Uid => {
    const uid = Uid.safeParse(id)
    if (!uid.success) throw new AppError('not_found', 'there is no such person')
    return uid.data
  }

  on('getPerson', ({ who, id }) => seen(who, uidOf(id)))
  on('createPerson', async ({ who, body }) => {
    await store.run((tx) => createPerson(tx, by(who), body))
    return seen(who, body.uid)
  })
  on('changePerson', async ({ who, id, body }) => {
    const uid = uidOf(id)
    await store.run((tx) => changePerson(tx, by(who), uid, body))
    ordered()
    return seen(who, uid)
  })
  on('issueLoginLink', async ({ who, id }) => {
    const { link, expiresAt } = await store.run((tx) => issueLoginLink(tx, by(who), uidOf(id), publicUrl))
    return { link, expiresAt: new Date(expiresAt).toISOString() }
  })

  on('unbindCompanyAccount', async ({ who, id }) => {
    const uid = uidOf(id)
    await store.run((tx) => unbindCompanyAccount(tx, by(who), uid))
    return seen(who, uid)
  })

  on('exportPeople', async ({ who }) => {
    const csv = peopleCsv(await stores.people.everyone(who.tenantId))
    const entry = { tenantId: who.tenantId, at: now(), actor: who.uid, action: 'user.export' }
    await store.run((tx) => tx.audit.append({ ...entry, target: `tenant:${who.tenantId}`, detail: {} }))
    return { csv }
  })
  on('previewImport', async ({ who, body }) => {
    const plan = await planImport(stores, who, body.csv, now())
    const switched = plan.rows.filter(({ changes }) => changes.includes('disabled'))
    const uids = (rows: typeof plan.rows): Uid[] => rows.map(({ after }) => after.uid)
    const leaving = switched.filter(({ after, successors }) => after.disabled === 1 && successors.length === 0)
    const returning = switched.filter(({ after }) => after.disabled === 0)
    const change = { leaving: uids(leaving), returning: uids(returning) }
    return viewPlan(plan, await countStuckAfter(stores, who.tenantId, change))
  })
  on('applyImport', async ({ who, body }) => {
    const applied = await store.run((tx) => applyImport(tx, by(who), body))
    ordered()
    return applied
  })
  return router
}
