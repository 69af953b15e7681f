import type { Core } from '#sandbox/core.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import { departmentsOf } from '#sandbox/organisations.ts'
import type { DingtalkApp, Person, World } from '#sandbox/world.ts'
import { type AppCall, ok, oldOk, oldRefusal, type Reply, type Route } from './api.ts'
import { type Directory, isExclusive, loginIdOf, ROOT_DEPARTMENT } from './directory.ts'

const LARGEST_PAGE = 100
const byMobileScope = 'qyapi_get_member_by_mobile'
const memberScope = 'qyapi_get_member'
const departmentScope = 'qyapi_get_department_list'
const departmentMemberScope = 'qyapi_get_department_member'

/** People and departments: the old host, but for the search. None of these calls is counted. */
export function contactRoutes(core: Core, directory: Directory): Route[] {
  const old = (path: string, scope: string, handle: (call: AppCall) => Reply): Route => ({
    host: 'oapi',
    method: 'POST',
    path,
    auth: 'app',
    scope,
    handle,
  })
  return [
    old('/topapi/v2/user/getbymobile', byMobileScope, (call) => getByMobile(directory, call)),
    old('/topapi/v2/user/get', memberScope, (call) => getUser(directory, call)),
    old('/topapi/user/getbyunionid', memberScope, (call) => getByUnionId(core, directory, call)),
    old('/topapi/v2/user/list', departmentMemberScope, (call) =>
      listMembers(core, call, (person) => describeUser(call.app, person)),
    ),
    old('/topapi/user/listsimple', departmentMemberScope, (call) =>
      listMembers(core, call, ({ userId, name }) => ({ userid: userId, name })),
    ),
    old('/topapi/v2/department/listsub', departmentScope, (call) => listDepartments(core, call)),
    old('/topapi/v2/department/listsubid', departmentScope, (call) => listDepartmentIds(core, call)),
    {
      host: 'oapi',
      method: 'GET',
      path: '/auth/scopes',
      auth: 'app',
      scope: 'qyapi_base',
      handle: (call) => contactRange(core, call),
    },
    {
      host: 'api',
      method: 'POST',
      path: '/v1.0/contact/users/search',
      auth: 'app',
      scope: 'qyapi_addresslist_search',
      handle: (call) => search(directory, call),
    },
  ]
}

/** Exclusive accounts are invisible here without the flag (obtain-the-userid-of-your-mobile-phone-number page). */
function getByMobile(directory: Directory, { app, body }: AppCall): Reply {
  const mobile = stringAt(body, 'mobile')
  if (!mobile) return oldRefusal(400002, '无效的参数')
  if (mobile.replace(/\D/g, '').length < 6) return oldRefusal(40104, '无效的手机号')
  const found = directory.findByMobile(app, mobile)
  const ordinary = found.find((person) => !isExclusive(person))
  const exclusive = found.filter(isExclusive)
  const wantsExclusive = String(body.support_exclusive_account_search) === 'true'
  if (ordinary === undefined && !(wantsExclusive && exclusive.length > 0)) return oldRefusal(60121, '找不到该用户')
  return oldOk({
    result: {
      ...(ordinary === undefined ? {} : { userid: ordinary.userId }),
      ...(wantsExclusive ? { exclusive_account_userid_list: exclusive.map(({ userId }) => userId) } : {}),
    },
  })
}

function getUser(directory: Directory, { app, body }: AppCall): Reply {
  const loginId = stringAt(body, 'login_id')
  const userId = stringAt(body, 'userid')
  if (!loginId && !userId) return oldRefusal(400002, '无效的参数')
  const person = loginId ? directory.find(app, 'loginId', loginId) : directory.find(app, 'userId', userId ?? '')
  if (person === undefined) return oldRefusal(33012, '无效的USERID')
  if (person.availableTo === false) return oldRefusal(50002, '请求的员工userid不在授权范围内')
  return oldOk({ result: describeUser(app, person) })
}

/** A union id is the same in every organisation of one developer, so an outsider's may be known: 60121. */
function getByUnionId({ world }: Core, directory: Directory, { app, body }: AppCall): Reply {
  const unionId = stringAt(body, 'unionid')
  if (!unionId) return oldRefusal(400002, '无效的参数')
  const person = directory.find(app, 'unionId', unionId)
  const isKnown = [...world.people.values()].some((one) => one.platform === 'dingtalk' && one.unionId === unionId)
  if (person === undefined) return oldRefusal(60121, isKnown ? '该用户不在企业中' : '找不到该用户')
  return oldOk({ result: { contact_type: 0, userid: person.userId } })
}

/** Departments and people whom an administrator lets the app see; the root stands for all. */
function contactRange({ world }: Core, { app }: AppCall): Reply {
  const { departments, people } = app.contactRange ?? { departments: [String(ROOT_DEPARTMENT)], people: [] }
  return oldOk({
    auth_user_field: ['name', 'jobnumber', 'isAdmin'],
    condition_field: [],
    auth_org_scopes: {
      authed_user: people.flatMap((id) => world.people.get(id)?.userId ?? []),
      authed_dept: departments.map(Number),
    },
  })
}

function listMembers({ world }: Core, { app, body }: AppCall, describe: (person: Person) => JsonObject): Reply {
  const department = Number(body.dept_id)
  const cursor = Number(body.cursor ?? 0)
  const size = Number(body.size ?? 0)
  if (!Number.isInteger(cursor) || cursor < 0) return oldRefusal(40068, '不合法的偏移量')
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) return oldRefusal(40069, '不合法的分页大小')
  const refused = refuseDepartment(world, app, department, 60019)
  if (refused !== undefined) return refused
  const members = world.organisations.members(app, String(department))
  const page = members.slice(cursor, cursor + size)
  const next = cursor + page.length
  const hasMore = next < members.length
  return oldOk({
    result: { has_more: hasMore, ...(hasMore ? { next_cursor: next } : {}), list: page.map(describe) },
  })
}

function listDepartments({ world }: Core, { app, body }: AppCall): Reply {
  const department = Number(body.dept_id ?? ROOT_DEPARTMENT)
  const refused = refuseDepartment(world, app, department, 60003)
  if (refused !== undefined) return refused
  return oldOk({
    result: world.organisations.children(app, String(department)).map(({ id, name }) => ({
      dept_id: Number(id),
      name,
      parent_id: department,
      create_dept_group: false,
      auto_add_user: false,
    })),
  })
}

function listDepartmentIds({ world }: Core, { app, body }: AppCall): Reply {
  const department = Number(body.dept_id)
  const refused = refuseDepartment(world, app, department, 60003)
  if (refused !== undefined) return refused
  const ids = world.organisations.children(app, String(department)).map(({ id }) => Number(id))
  return oldOk({ result: { dept_id_list: ids } })
}

function refuseDepartment(world: World, app: DingtalkApp, department: number, unknown: number): Reply | undefined {
  const id = String(department)
  if (!world.organisations.exists(app, id)) return oldRefusal(unknown, '部门不存在')
  return world.organisations.sees(app, id) ? undefined : oldRefusal(50004, '请求的部门id不在授权范围内')
}

/** Names only: there is no search by job number or e-mail. */
function search(directory: Directory, { app, body }: AppCall): Reply {
  const word = stringAt(body, 'queryWord') ?? ''
  const offset = Number(body.offset ?? 0)
  const size = Number(body.size ?? 10)
  const isWhole = Number(body.fullMatchField ?? 0) === 1
  const found = directory.members(app).filter(({ name }) => (isWhole ? name === word : name.includes(word)))
  const list = found.slice(offset, offset + size).map(({ userId }) => userId)
  return ok({ hasMore: offset + size < found.length, totalCount: found.length, list })
}

/** A user as the old host shows it; mobile and e-mail only with the right to these fields (query-user-details page). */
function describeUser(app: DingtalkApp, person: Person): JsonObject {
  const may = (field: string) => app.scopes.includes(field)
  return {
    userid: person.userId,
    unionid: person.unionId,
    name: person.name,
    avatar: '',
    ...(person.mobile !== undefined && may('fieldMobile')
      ? { state_code: countryCode(person.mobile), mobile: person.mobile }
      : {}),
    hide_mobile: false,
    ...(person.employeeId === undefined ? {} : { job_number: person.employeeId }),
    title: '',
    ...(person.email !== undefined && may('fieldEmail') ? { email: person.email } : {}),
    ...(person.orgEmail !== undefined && may('fieldEmail') ? { org_email: person.orgEmail } : {}),
    dept_id_list: departmentsOf(person).map(Number),
    active: true,
    real_authed: !isExclusive(person),
    senior: false,
    admin: false,
    boss: false,
    exclusive_account: isExclusive(person),
    ...(isExclusive(person)
      ? {
          exclusive_account_type: person.account,
          exclusive_account_corp_id: app.corpId,
          exclusive_account_corp_name: app.name,
          ...(person.account === 'dingtalk' ? { login_id: loginIdOf(person) } : {}),
        }
      : {}),
  }
}

function countryCode(mobile: string): string {
  return /^\+(\d+)-/.exec(mobile)?.[1] ?? '86'
}
