import type { Core } from '#sandbox/core.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import { type AppCall, ok, oldOk, oldRefusal, type Reply, type Route } from './api.ts'
import { type Directory, departmentOf, isExclusive, loginIdOf, ROOT_DEPARTMENT } from './directory.ts'

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
      listMembers(directory, call, (person) => describeUser(call.app, person)),
    ),
    old('/topapi/user/listsimple', departmentMemberScope, (call) =>
      listMembers(directory, call, ({ userId, name }) => ({ userid: userId, name })),
    ),
    old('/topapi/v2/department/listsub', departmentScope, (call) => listDepartments(directory, call)),
    old('/topapi/v2/department/listsubid', departmentScope, (call) => listDepartmentIds(directory, call)),
    {
      host: 'oapi',
      method: 'GET',
      path: '/auth/scopes',
      auth: 'app',
      scope: 'qyapi_base',
      handle: () =>
        oldOk({
          auth_user_field: ['name', 'jobnumber', 'isAdmin'],
          condition_field: [],
          auth_org_scopes: { authed_user: [], authed_dept: [ROOT_DEPARTMENT] },
        }),
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

function listMembers(directory: Directory, { app, body }: AppCall, describe: (person: Person) => JsonObject): Reply {
  const department = Number(body.dept_id)
  const cursor = Number(body.cursor ?? 0)
  const size = Number(body.size ?? 0)
  if (!Number.isInteger(cursor) || cursor < 0) return oldRefusal(40068, '不合法的偏移量')
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) return oldRefusal(40069, '不合法的分页大小')
  if (!isDepartment(directory, app, department)) return oldRefusal(60019, '部门不存在')
  const members = directory.members(app).filter((person) => departmentOf(person) === department)
  const page = members.slice(cursor, cursor + size)
  const next = cursor + page.length
  const hasMore = next < members.length
  return oldOk({
    result: { has_more: hasMore, ...(hasMore ? { next_cursor: next } : {}), list: page.map(describe) },
  })
}

function listDepartments(directory: Directory, { app, body }: AppCall): Reply {
  const department = Number(body.dept_id ?? ROOT_DEPARTMENT)
  if (!isDepartment(directory, app, department)) return oldRefusal(60003, '部门不存在')
  return oldOk({
    result: childrenOf(directory, app, department).map((id) => ({
      dept_id: id,
      name: `部门 ${id}`,
      parent_id: ROOT_DEPARTMENT,
      create_dept_group: false,
      auto_add_user: false,
    })),
  })
}

function listDepartmentIds(directory: Directory, { app, body }: AppCall): Reply {
  const department = Number(body.dept_id)
  if (!isDepartment(directory, app, department)) return oldRefusal(60003, '部门不存在')
  return oldOk({ result: { dept_id_list: childrenOf(directory, app, department) } })
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

/** Every department hangs below the root. */
function childrenOf(directory: Directory, app: DingtalkApp, department: number): number[] {
  return department === ROOT_DEPARTMENT ? directory.departments(app).filter((id) => id !== ROOT_DEPARTMENT) : []
}

function isDepartment(directory: Directory, app: DingtalkApp, department: number): boolean {
  return department === ROOT_DEPARTMENT || directory.departments(app).includes(department)
}

/** A user as the old host shows it; mobile and e-mail only with the right to these fields (query-user-details page). */
function describeUser(app: DingtalkApp, person: Person): JsonObject {
  const may = (field: string) => app.scopes.includes(field)
  return {
    userid: person.userId,
    unionid: person.unionId,
    name: person.name,
    avatar: '',
    ...(person.mobile !== undefined && may('fieldMobile') ? { state_code: '86', mobile: person.mobile } : {}),
    hide_mobile: false,
    ...(person.employeeId === undefined ? {} : { job_number: person.employeeId }),
    title: '',
    ...(person.email !== undefined && may('fieldEmail') ? { email: person.email } : {}),
    dept_id_list: [departmentOf(person)],
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
