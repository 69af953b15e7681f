import type { Core } from '#sandbox/core.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { App, Person } from '#sandbox/world.ts'
import { type AppCall, failure, type Reply, type Route, success } from './api.ts'

/** E-mail addresses and mobiles are two independent lists of at most this many (batch_get_id page). */
const LONGEST_LIST = 50
const idTypes = ['open_id', 'union_id', 'user_id']
const employeeIdScope = 'contact:user.employee_id:readonly'

export function contactRoutes(core: Core): Route[] {
  return [
    {
      method: 'POST',
      path: '/open-apis/contact/v3/users/batch_get_id',
      auth: 'tenant',
      scopes: ['contact:user.id:readonly'],
      handle: (call) => batchGetId(core, call),
    },
    {
      method: 'GET',
      path: '/open-apis/contact/v3/users/:user_id',
      auth: 'tenant',
      scopes: ['contact:user.base:readonly', 'contact:user.id:readonly', 'contact:contact.base:readonly'],
      handle: (call) => getUser(core, call),
    },
  ]
}

/** One item per input; somebody unknown is an item without `user_id`, never an error. */
function batchGetId(core: Core, call: AppCall): Reply {
  const idType = call.query.get('user_id_type') ?? 'open_id'
  const emails = shortList(call.body.emails)
  const mobiles = shortList(call.body.mobiles)
  if (!idTypes.includes(idType)) return failure(99992402, 'field validation failed: user_id_type')
  if (emails === undefined || mobiles === undefined) {
    return failure(99992402, `field validation failed: emails and mobiles are lists of at most ${LONGEST_LIST} strings`)
  }
  const item = (key: 'email' | 'mobile', value: string): JsonObject => {
    const person = core.world.find(call.app, key, value)
    const id = person === undefined ? undefined : idOf(core, call.app, person, idType)
    return id === undefined ? { [key]: value } : { user_id: id, [key]: value }
  }
  return success({
    user_list: [...emails.map((email) => item('email', email)), ...mobiles.map((mobile) => item('mobile', mobile))],
  })
}

function getUser(core: Core, call: AppCall): Reply {
  const idType = call.query.get('user_id_type') ?? 'open_id'
  if (!idTypes.includes(idType)) return failure(40013, 'invalid user_id_type')
  const person = core.world.find(call.app, idType, call.params.user_id ?? '')
  if (person === undefined) return failure(99992351, 'unknown id')
  return success({ user: { ...personFields(core, call.app, person), ...employmentFields(call.app, person) } })
}

/** How somebody is employed: by a scope of its own. */
export function employmentFields(app: App, person: Person): JsonObject {
  if (!app.scopes.includes('contact:user.employee:readonly')) return {}
  const status = { is_frozen: person.isFrozen === true, is_resigned: false, is_activated: true, is_exited: false }
  return { employee_no: person.employeeId ?? '', status }
}

/** A person's fields, each only with its own field scope (get-user page, section 3.2 of the protocol notes). */
export function personFields(core: Core, app: App, person: Person): JsonObject {
  const may = (scope: string) => app.scopes.includes(scope)
  return {
    open_id: core.world.openId(app, person),
    union_id: person.unionId,
    ...(may('contact:user.base:readonly') ? { name: person.name, en_name: person.name } : {}),
    ...(may('contact:user.email:readonly') && person.email !== undefined ? { email: person.email } : {}),
    ...(may('contact:user.phone:readonly') && person.mobile !== undefined ? { mobile: person.mobile } : {}),
    ...(may(employeeIdScope) ? { user_id: person.userId } : {}),
  }
}

/** The id of the wanted type; `user_id` needs its own scope and is silently missing without it. */
export function idOf(core: Core, app: App, person: Person, idType: string): string | undefined {
  if (idType === 'union_id') return person.unionId
  if (idType === 'user_id') return app.scopes.includes(employeeIdScope) ? person.userId : undefined
  return core.world.openId(app, person)
}

function shortList(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > LONGEST_LIST) return undefined
  return value.every((item) => typeof item === 'string') ? value : undefined
}
