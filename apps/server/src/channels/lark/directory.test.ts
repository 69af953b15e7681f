import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DirectoryPage, DirectoryPerson } from '#server/channels/channel-directory.ts'
import { type FakePlatform, type Reply, startFakePlatform } from './_fake-platform.ts'
import { createLark } from './index.ts'

const CHILDREN = (id: string): string => `/open-apis/contact/v3/departments/${id}/children`
const MEMBERS = '/open-apis/contact/v3/users/find_by_department'
const SCOPES = '/open-apis/contact/v3/scopes'

let platform: FakePlatform
beforeEach(async () => {
  platform = await startFakePlatform()
})
afterEach(() => platform[Symbol.asyncDispose]())

const ok = (data: object): Reply => ({ body: { code: 0, data } })
const noAuthority: Reply = { status: 403, body: { code: 40004, msg: 'no dept authority error' } }

function directory(name: 'lark' | 'feishu' = 'lark') {
  const settings = { enabled: true, appId: 'cli_0123456789abcdef', appSecret: 's', openUrl: platform.openUrl }
  const channel = createLark({ tenantId: 'acme', name, settings }, { log: { debug: () => undefined }, now: Date.now })
  return channel.directory ?? expect.fail('there is a directory')
}

async function read(departments: string[] | null = null, name: 'lark' | 'feishu' = 'lark') {
  const pages: DirectoryPage[] = []
  for await (const page of directory(name).read(departments, (ask) => ask())) pages.push(page)
  return { pages, last: pages.at(-1), people: pages.flatMap(({ people }): readonly DirectoryPerson[] => people) }
}

it('an app that may not see everybody reads what it may see, and says that it is not all', async () => {
  platform.on(CHILDREN('0'), () => noAuthority)
  platform.on(SCOPES, () => ok({ department_ids: ['od-1'], user_ids: ['ou_lone'], has_more: false }))
  platform.on(CHILDREN('od-1'), () => ok({ items: [{ open_department_id: 'od-2' }], has_more: false }))
  platform.on(MEMBERS, ({ path }) =>
    ok({ items: [{ open_id: path.includes('od-2') ? 'ou_two' : 'ou_one' }], has_more: false }),
  )
  platform.on('/open-apis/contact/v3/users/ou_lone', () => ok({ user: { open_id: 'ou_lone', name: 'Lone' } }))
  const { people, last } = await read()
  expect(people.map(({ platformUserId }) => platformUserId)).toEqual(['ou_one', 'ou_two', 'ou_lone'])
  expect(last).toMatchObject({ isWhole: false, departmentsFound: 2, departmentsRead: 2 })
  expect(await directory().departments(null, (ask) => ask())).toEqual([{ id: 'od-1', name: 'od-1', members: null }])
})

it('goes level by level where there are too many departments for one question', async () => {
  platform.on(CHILDREN('0'), ({ path }) => {
    if (path.includes('fetch_child=true')) return { status: 400, body: { code: 43010, msg: 'big dept' } }
    return ok({ items: [{ open_department_id: 'od-1' }], has_more: false })
  })
  platform.on(CHILDREN('od-1'), () => ok({ items: [{ open_department_id: 'od-2' }], has_more: false }))
  platform.on(CHILDREN('od-2'), () => ok({ has_more: false }))
  platform.on(MEMBERS, () => ok({ has_more: false }))
  expect((await read()).last).toMatchObject({ isWhole: true, departmentsFound: 3, departmentsRead: 3 })
})

it('gives a person the address by which they are found again: their own, then the account', async () => {
  const people = [
    { open_id: 'ou_1', email: 'a@acme.test', mobile: '+6591234567', status: { is_frozen: true } },
    { open_id: 'ou_2', enterprise_email: 'b@acme.test', mobile: '13800138000', status: 'odd' },
    { open_id: 'ou_3', name: 7 },
  ]
  platform.on(CHILDREN('0'), () => ok({ has_more: false }))
  platform.on(MEMBERS, () => ok({ items: people, has_more: false }))
  expect((await read()).people).toMatchObject([
    { email: 'a@acme.test', mobile: '+6591234567', address: { email: 'a@acme.test' }, isFrozen: true },
    { email: 'b@acme.test', mobile: '+8613800138000', address: { mobile: '+8613800138000' }, isFrozen: false },
    { name: null, email: null, mobile: null, employeeId: null, address: { openId: 'ou_3' } },
  ])
  expect((await read(null, 'feishu')).people[0]?.address).toEqual({ mobile: '+6591234567' })
})

it('ends where a page does not lead on', async () => {
  platform.on(CHILDREN('0'), () => ok({ has_more: false }))
  platform.on(MEMBERS, () => ok({ items: [{ open_id: 'ou_1' }], has_more: true, page_token: 'same' }))
  expect((await read()).people).toHaveLength(2)
})
