import type { Core } from '#sandbox/core.ts'
import { stableId } from '#sandbox/ids.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { Department } from '#sandbox/organisations.ts'
import type { App } from '#sandbox/world.ts'
import { type AppCall, failure, type Reply, type Route, success } from './api.ts'
import { employmentFields, personFields } from './contacts.ts'

/*
 * The organisation as apps see it (contact v3: sub-departments, users directly under a department, contact range). The
 * root, 0, is for apps that may see everybody; each other department for apps in whose range it lies.
 */

const ROOT = '0'
const LARGEST_PAGE = 50
const LARGEST_RANGE_PAGE = 100
/** More departments below one than this are not given in one recursion; the real number is not documented. */
const LARGEST_RECURSION = 5_000

const organisationScopes = ['contact:department.organize:readonly', 'contact:contact:readonly_as_app']
const baseScopes = ['contact:contact.base:readonly', 'contact:contact:readonly_as_app']

export function departmentRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/open-apis/contact/v3/scopes',
      auth: 'tenant',
      scopes: baseScopes,
      handle: (call) => contactRange(core, call),
    },
    {
      method: 'GET',
      path: '/open-apis/contact/v3/departments/:department_id/children',
      auth: 'tenant',
      scopes: organisationScopes,
      handle: (call) => children(core, call),
    },
    {
      method: 'GET',
      path: '/open-apis/contact/v3/users/find_by_department',
      auth: 'tenant',
      scopes: [...baseScopes, 'contact:department.organize:readonly'],
      handle: (call) => members(core, call),
    },
  ]
}

/** The id of a department differs from app to app. */
export function openDepartmentId(app: App, id: string): string {
  return id === ROOT ? ROOT : stableId('od-', app.appId, 'department', id)
}

function children(core: Core, call: AppCall): Reply {
  const { organisations } = core.world
  const id = asked(core, call, call.params.department_id ?? '')
  if (typeof id !== 'string') return id
  const isRecursive = call.query.get('fetch_child') === 'true'
  const found = isRecursive ? organisations.descendants(call.app, id) : organisations.children(call.app, id)
  if (isRecursive && found.length > LARGEST_RECURSION) return failure(43010, 'big dept forbid recursion error')
  return paged(call, found, LARGEST_PAGE, (items) => ({
    items: items.map((department) => departmentFields(core, call.app, department)),
  }))
}

function members(core: Core, call: AppCall): Reply {
  const id = asked(core, call, call.query.get('department_id') ?? '')
  if (typeof id !== 'string') return id
  return paged(call, core.world.organisations.members(call.app, id), LARGEST_PAGE, (items) => ({
    items: items.map((person) => ({
      ...personFields(core, call.app, person),
      ...employmentFields(call.app, person),
    })),
  }))
}

function contactRange(core: Core, call: AppCall): Reply {
  const { app } = call
  const { organisations, people } = core.world
  const everybody = app.contactRange === undefined
  const departments = everybody
    ? organisations.children(app, ROOT).map(({ id }) => id)
    : (app.contactRange?.departments ?? [])
  const persons = everybody
    ? organisations.members(app, ROOT)
    : (app.contactRange?.people ?? []).flatMap((id) => people.get(id) ?? [])
  const ids = [
    ...departments.map((id) => ({ department: openDepartmentId(app, id) })),
    ...persons.map((person) => ({ user: core.world.openId(app, person) })),
  ]
  return paged(call, ids, LARGEST_RANGE_PAGE, (items) => ({
    department_ids: items.flatMap((item) => ('department' in item ? [item.department] : [])),
    user_ids: items.flatMap((item) => ('user' in item ? [item.user] : [])),
    group_ids: [],
  }))
}

/** The department that is meant, or why nothing is said of it. */
function asked(core: Core, call: AppCall, openId: string): string | Reply {
  const { app } = call
  const { organisations } = core.world
  const noAuthority = failure(40004, 'no dept authority error', 403)
  if (openId === ROOT) return app.contactRange === undefined ? ROOT : noAuthority
  const id = idsOf(core, app).get(openId)
  return id !== undefined && organisations.sees(app, id) ? id : noAuthority
}

/** Departments by the ids that an app knows them by, made once for all that there are. */
const known = new WeakMap<App, { count: number; ids: ReadonlyMap<string, string> }>()

function idsOf({ world }: Core, app: App): ReadonlyMap<string, string> {
  const all = world.organisations.descendants(app, ROOT)
  const kept = known.get(app)
  if (kept?.count === all.length) return kept.ids
  const ids = new Map(all.map(({ id }) => [openDepartmentId(app, id), id]))
  known.set(app, { count: all.length, ids })
  return ids
}

function departmentFields(core: Core, app: App, department: Department): JsonObject {
  const mayName = app.scopes.some((scope) =>
    ['contact:department.base:readonly', 'contact:contact:readonly_as_app'].includes(scope),
  )
  return {
    open_department_id: openDepartmentId(app, department.id),
    parent_department_id: openDepartmentId(app, department.parent ?? ROOT),
    member_count: core.world.organisations.memberCount(app, department.id),
    status: { is_deleted: false },
    ...(mayName ? { name: department.name, department_id: department.id } : {}),
  }
}

/** A page by its token, which is ours alone: it says where the next one begins. */
function paged<Item>(
  { query }: AppCall,
  all: readonly Item[],
  largest: number,
  describe: (items: readonly Item[]) => JsonObject,
): Reply {
  const size = Number(query.get('page_size') ?? 10)
  if (!Number.isInteger(size) || size < 1 || size > largest) return failure(40011, 'page size is invalid')
  const token = query.get('page_token')
  const begins = token === null ? 'from:0' : Buffer.from(token, 'base64url').toString()
  const from = Number(/^from:(\d+)$/.exec(begins)?.[1])
  if (Number.isNaN(from)) return failure(40012, 'page token is invalid error')
  const next = from + size
  const hasMore = next < all.length
  return success({
    has_more: hasMore,
    ...(hasMore ? { page_token: Buffer.from(`from:${next}`).toString('base64url') } : {}),
    ...describe(all.slice(from, next)),
  })
}
