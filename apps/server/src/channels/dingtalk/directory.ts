import type { z } from 'zod'
import {
  type ChannelDirectory,
  DepartmentQueue,
  type DirectoryCall,
  type DirectoryPage,
  type DirectoryPerson,
  internationalMobile,
  OutOfRange,
  PermissionMissing,
  plain,
} from '#server/channels/channel-directory.ts'
import type { DingtalkClient } from './client.ts'
import { isMissingRight, isOutOfRange } from './errors.ts'
import { ContactRange, DirectoryMember, DirectoryMembers, SubDepartmentList } from './wire.ts'

/*
 * Documents: list of sub-departments, complete information of the users of a department, scope of authorisation, all on the
 * old host. None of these calls is counted against the month.
 */

const ROOT = '1'
/** The most that the platform gives at once. */
const PAGE_SIZE = 100

const departmentRight = 'qyapi_get_department_list'
const memberOfDepartmentRight = 'qyapi_get_department_member'
const memberRight = 'qyapi_get_member'
const rangeRight = 'qyapi_base'

export function createDingtalkDirectory(client: DingtalkClient): ChannelDirectory {
  return {
    isCounted: false,
    pageSize: PAGE_SIZE,
    // Rights to single fields, by their keys in the developer console.
    fieldPermissions: { name: null, email: 'fieldEmail', mobile: 'fieldMobile', employeeId: null },
    async departments(parent, call) {
      const tops = parent === null ? await range(client, call) : null
      if (tops !== null && !tops.departments.includes(ROOT)) {
        // Their names would cost a call each.
        return tops.departments.map((id) => ({ id, name: id, members: null }))
      }
      const found = await children(client, parent ?? ROOT, call)
      return found.map(({ dept_id: id, name }) => ({
        id: String(id),
        name: plain(name) ?? String(id),
        members: null,
      }))
    },
    read: (departments, call) => readPeople(client, departments, call),
  }
}

async function* readPeople(
  client: DingtalkClient,
  departments: readonly string[] | null,
  call: DirectoryCall,
): AsyncIterable<DirectoryPage> {
  const seen = departments === null ? await range(client, call) : { departments, people: [] }
  const isWhole = departments === null && seen.departments.includes(ROOT)
  const queue = new DepartmentQueue(seen.departments)
  const page = (people: readonly DirectoryPerson[] = []): DirectoryPage => ({ people, ...queue.progress, isWhole })
  for (let id = queue.next(); id !== undefined; id = queue.next()) {
    for (const child of await children(client, id, call)) queue.add(String(child.dept_id))
    yield page()
    for await (const members of membersOf(client, id, call)) yield page(members.map(personOf))
    queue.done()
    yield page()
  }
  for (const userid of seen.people) {
    const answer = await ask(memberRight, () =>
      call(() => client.callOld({ api: '/topapi/v2/user/get', body: { userid }, answer: DirectoryMember })),
    )
    yield page([personOf(answer.result)])
  }
}

async function range(
  client: DingtalkClient,
  call: DirectoryCall,
): Promise<{ departments: readonly string[]; people: readonly string[] }> {
  const { auth_org_scopes: scopes } = await ask(rangeRight, () =>
    call(() => client.callOld({ method: 'GET', api: '/auth/scopes', answer: ContactRange })),
  )
  return { departments: (scopes.authed_dept ?? []).map(String), people: scopes.authed_user ?? [] }
}

async function children(client: DingtalkClient, department: string, call: DirectoryCall) {
  const body = { dept_id: Number(department) }
  const { result } = await ask(departmentRight, () =>
    call(() => client.callOld({ api: '/topapi/v2/department/listsub', body, answer: SubDepartmentList })),
  )
  return result ?? []
}

type Member = z.infer<typeof DirectoryMember>['result']

async function* membersOf(
  client: DingtalkClient,
  department: string,
  call: DirectoryCall,
): AsyncIterable<readonly Member[]> {
  let cursor: number | null = 0
  while (cursor !== null) {
    const body: object = { dept_id: Number(department), cursor, size: PAGE_SIZE, contain_access_limit: true }
    const { result }: z.infer<typeof DirectoryMembers> = await ask(memberOfDepartmentRight, () =>
      call(() => client.callOld({ api: '/topapi/v2/user/list', body, answer: DirectoryMembers })),
    )
    yield result.list ?? []
    // A page that does not go on would be read for ever.
    const next: number | null = result.has_more ? (result.next_cursor ?? null) : null
    cursor = next !== null && next > cursor ? next : null
  }
}

/** Says which right is missing, in whatever words the platform has said that one is. */
async function ask<Answer>(right: string, question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question()
  } catch (error) {
    if (isMissingRight(error)) throw new PermissionMissing(error, [right])
    throw isOutOfRange(error) ? new OutOfRange(error) : error
  }
}

function personOf(member: Member): DirectoryPerson {
  const organisationEmail = plain(member.org_email)
  return {
    platformUserId: member.userid,
    name: plain(member.name),
    // People may write down an e-mail address of their own; the organisation's mailbox is given to them.
    email: organisationEmail ?? plain(member.email),
    isEmailProven: organisationEmail !== null,
    mobile: internationalMobile(member.mobile, member.state_code),
    employeeId: plain(member.job_number),
    isFrozen: false,
    address: { userId: member.userid },
  }
}
