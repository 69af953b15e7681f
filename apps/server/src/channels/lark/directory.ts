import {
  type ChannelDirectory,
  type Department,
  DepartmentQueue,
  type DirectoryCall,
  type DirectoryPage,
  type DirectoryPerson,
  internationalMobile,
  OutOfRange,
  PermissionMissing,
  plain,
} from '#server/channels/channel-directory.ts'
import type { LarkClient } from './client.ts'
import { isMissingPermission, isOutOfRange, isTooLargeToRecurse } from './errors.ts'
import { ContactRange, Departments, type DirectoryUser, DirectoryUsers, OneUser } from './wire.ts'

/*
 * Documents: list of sub-departments, list of users directly under a department, the contacts permission scope, all of
 * contact v3. The root is department 0, and only an app whose contact range is everybody may ask for it (40004).
 */

const ROOT = '0'
/** The most that the platform gives at once; of the range twice as much. */
const PAGE_SIZE = 50
const RANGE_PAGE_SIZE = 100
/** A page that does not go on would be read for ever. */
const MOST_PAGES = 10_000

/** Any of these lets an app see departments and who is in them; the first is the least. */
const organisationPermissions = ['contact:department.organize:readonly', 'contact:contact:readonly_as_app']
const rangePermissions = ['contact:contact.base:readonly', 'contact:contact:readonly_as_app']

type Brand = 'lark' | 'feishu'

/** `isCounted`: the plan of the organisation has a quota of calls. */
export function createLarkDirectory(brand: Brand, client: LarkClient, isCounted: boolean): ChannelDirectory {
  return {
    isCounted,
    pageSize: PAGE_SIZE,
    fieldPermissions: {
      name: 'contact:user.base:readonly',
      email: 'contact:user.email:readonly',
      mobile: 'contact:user.phone:readonly',
      employeeId: 'contact:user.employee:readonly',
    },
    async departments(parent, call) {
      const found: Department[] = []
      try {
        for await (const page of children(client, parent ?? ROOT, false, call)) found.push(...page)
      } catch (error) {
        if (parent !== null || !isOutOfRange(error)) throw asDirectoryError(error, organisationPermissions)
        const range = await contactRange(client, call)
        // Their names would cost a call each.
        return range.departments.map((id) => ({ id, name: id, members: null }))
      }
      return found
    },
    read: (departments, call) => readPeople(brand, client, departments, call),
  }
}

async function* readPeople(
  brand: Brand,
  client: LarkClient,
  departments: readonly string[] | null,
  call: DirectoryCall,
): AsyncIterable<DirectoryPage> {
  const queue = new DepartmentQueue()
  let isWhole = departments === null
  const page = (people: readonly DirectoryPerson[] = []): DirectoryPage => ({ people, ...queue.progress, isWhole })
  try {
    let roots = departments ?? [ROOT]
    let lonely: readonly string[] = []
    if (departments === null && !(await seesEverybody(client, call))) {
      isWhole = false
      const range = await contactRange(client, call)
      roots = range.departments
      lonely = range.people
    }
    for (const root of roots) {
      queue.add(root)
      for await (const _found of below(client, root, queue, call)) yield page()
    }
    for (let id = queue.next(); id !== undefined; id = queue.next()) {
      for await (const people of membersOf(client, id, call)) yield page(people.map((user) => personOf(brand, user)))
      queue.done()
      yield page()
    }
    for (const openId of lonely) {
      const url = `/open-apis/contact/v3/users/${encodeURIComponent(openId)}?user_id_type=open_id`
      const { data } = await call(() => client.get(OneUser, url))
      yield page([personOf(brand, data.user)])
    }
  } catch (error) {
    throw asDirectoryError(error, organisationPermissions)
  }
}

/** One question with nothing but a yes or no in it: the smallest page of the root's departments. */
async function seesEverybody(client: LarkClient, call: DirectoryCall): Promise<boolean> {
  const query = new URLSearchParams({ department_id_type: 'open_department_id', page_size: '1' })
  try {
    await call(() => client.get(Departments, `/open-apis/contact/v3/departments/${ROOT}/children?${query}`))
    return true
  } catch (error) {
    if (isOutOfRange(error)) return false
    throw error
  }
}

/** Puts all departments below one into the queue, in as few calls as the platform lets it be. */
async function* below(
  client: LarkClient,
  root: string,
  queue: DepartmentQueue,
  call: DirectoryCall,
): AsyncIterable<Department[]> {
  try {
    for await (const found of children(client, root, true, call)) {
      for (const { id } of found) queue.add(id)
      yield found
    }
  } catch (error) {
    if (!isTooLargeToRecurse(error)) throw error
    // A walk of its own: of what the recursion has found, the children may not have come.
    const levels = new DepartmentQueue([root])
    for (let parent = levels.next(); parent !== undefined; parent = levels.next()) {
      for await (const found of children(client, parent, false, call)) {
        for (const { id } of found) {
          queue.add(id)
          levels.add(id)
        }
        yield found
      }
    }
  }
}

async function* children(
  client: LarkClient,
  parent: string,
  isRecursive: boolean,
  call: DirectoryCall,
): AsyncIterable<Department[]> {
  const url = `/open-apis/contact/v3/departments/${encodeURIComponent(parent)}/children`
  const query = { department_id_type: 'open_department_id', fetch_child: String(isRecursive) }
  for await (const { items } of pages((more) =>
    call(async () => (await client.get(Departments, `${url}?${new URLSearchParams({ ...query, ...more })}`)).data),
  )) {
    yield (items ?? []).map(({ open_department_id: id, name, member_count: members }) => ({
      id,
      name: plain(name) ?? id,
      members: members ?? null,
    }))
  }
}

async function* membersOf(client: LarkClient, department: string, call: DirectoryCall): AsyncIterable<DirectoryUser[]> {
  const url = '/open-apis/contact/v3/users/find_by_department'
  const query = { user_id_type: 'open_id', department_id_type: 'open_department_id', department_id: department }
  for await (const { items } of pages((more) =>
    call(async () => (await client.get(DirectoryUsers, `${url}?${new URLSearchParams({ ...query, ...more })}`)).data),
  )) {
    yield items ?? []
  }
}

async function contactRange(
  client: LarkClient,
  call: DirectoryCall,
): Promise<{ departments: string[]; people: string[] }> {
  const query = { user_id_type: 'open_id', department_id_type: 'open_department_id' }
  const range = { departments: [] as string[], people: [] as string[] }
  try {
    for await (const { department_ids: departments, user_ids: people } of pages(
      (more) =>
        call(async () => {
          const url = `/open-apis/contact/v3/scopes?${new URLSearchParams({ ...query, ...more })}`
          return (await client.get(ContactRange, url)).data
        }),
      RANGE_PAGE_SIZE,
    )) {
      range.departments.push(...(departments ?? []))
      range.people.push(...(people ?? []))
    }
  } catch (error) {
    throw asDirectoryError(error, rangePermissions)
  }
  return range
}

interface PageEnd {
  has_more?: boolean | null | undefined
  page_token?: string | null | undefined
}

async function* pages<Page extends PageEnd>(
  ask: (query: Record<string, string>) => Promise<Page>,
  pageSize = PAGE_SIZE,
): AsyncIterable<Page> {
  let token: string | null = null
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const page: Page = await ask({ page_size: String(pageSize), ...(token === null ? {} : { page_token: token }) })
    yield page
    const next: string | null = page.has_more === true ? plain(page.page_token) : null
    if (next === null || next === token) return
    token = next
  }
}

function asDirectoryError(error: unknown, permissions: readonly string[]): unknown {
  if (error instanceof PermissionMissing) return error
  if (isMissingPermission(error)) return new PermissionMissing(error, permissions)
  return isOutOfRange(error) ? new OutOfRange(error) : error
}

function personOf(brand: Brand, user: DirectoryUser): DirectoryPerson {
  // A member has one e-mail address to log in by, unique in the organisation; the mailbox of the organisation is another.
  const loginEmail = plain(user.email)
  const email = loginEmail ?? plain(user.enterprise_email)
  const mobile = internationalMobile(user.mobile)
  const { is_frozen: frozen, is_resigned: resigned, is_exited: exited } = user.status ?? {}
  return {
    platformUserId: user.open_id,
    name: plain(user.name),
    email,
    isEmailProven: email !== null,
    mobile,
    employeeId: plain(user.employee_no),
    isFrozen: frozen === true || resigned === true || exited === true,
    address: addressOf(brand, user.open_id, loginEmail, mobile),
  }
}

/** As people themselves give it, where the directory says it: by it they are found again should the app ever change. */
function addressOf(
  brand: Brand,
  openId: string,
  email: string | null,
  mobile: string | null,
): Readonly<Record<string, string>> {
  const byEmail = email === null ? [] : [{ email }]
  const byMobile = mobile === null ? [] : [{ mobile }]
  const [first] = brand === 'lark' ? [...byEmail, ...byMobile] : [...byMobile, ...byEmail]
  return first ?? { openId }
}
