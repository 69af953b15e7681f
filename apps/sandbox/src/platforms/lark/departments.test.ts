import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp } from '#sandbox/_world.ts'
import { createDefaultSeed } from '#sandbox/default-seed.ts'
import { openDepartmentId } from './departments.ts'

const children = (id: string, query = ''): string => `/open-apis/contact/v3/departments/${id}/children?${query}`
const members = (id: string, query = ''): string =>
  `/open-apis/contact/v3/users/find_by_department?department_id=${id}&${query}`

const departments = [
  { platform: 'lark', id: 'sales', name: 'Sales' },
  { platform: 'lark', id: 'asia', name: 'Asia', parent: 'sales' },
] as const
const people = Array.from({ length: 120 }, (_, index) => ({
  id: `p${index}`,
  name: `Person ${index}`,
  platform: 'lark' as const,
  locale: 'en_us',
  employeeId: `N${index}`,
  departments: index === 0 ? ['sales', 'asia'] : ['asia'],
}))

const seed = createDefaultSeed('http://localhost:8080')
const open = () =>
  createTestWorld({ seed: { ...seed, departments: [...departments], people: [...seed.people, ...people] } })

describe('the organisation', () => {
  it('is read department by department, a page at a time', async () => {
    await using world = await open()
    const app = world.sandbox.app(larkApp)
    const [sales, asia] = ['sales', 'asia'].map((id) => openDepartmentId(app, id))
    const top = await world.call('GET', children('0', 'page_size=50'))
    expect(top.body.data).toMatchObject({
      has_more: false,
      items: [{ open_department_id: sales, name: 'Sales', parent_department_id: '0', member_count: 120 }],
    })
    const all = await world.call('GET', children('0', 'page_size=50&fetch_child=true'))
    expect(all.body.data?.items).toMatchObject([{ open_department_id: sales }, { open_department_id: asia }])

    const first = await world.call('GET', members(asia ?? '', 'page_size=50'))
    expect(first.body.data).toMatchObject({ has_more: true, items: { length: 50 } })
    const token = encodeURIComponent(String(first.body.data?.page_token))
    const next = await world.call('GET', members(asia ?? '', `page_size=50&page_token=${token}`))
    expect(next.body.data?.items).toMatchObject({ length: 50, 0: { name: 'Person 50', employee_no: 'N50' } })
    expect(await world.call('GET', members(asia ?? '', 'page_size=51'))).toMatchObject({ body: { code: 40011 } })
    expect(await world.call('GET', members(asia ?? '', 'page_size=50&page_token=!'))).toMatchObject({
      body: { code: 40012 },
    })
  })

  it('shows an app with a narrower range only what lies in it', async () => {
    await using world = await open()
    const app = world.sandbox.app(larkApp)
    world.sandbox.configureApp(larkApp, { contactRange: { departments: ['asia'], people: ['alice'] } })
    expect(await world.call('GET', children('0'))).toMatchObject({ status: 403, body: { code: 40004 } })
    expect(await world.call('GET', members(openDepartmentId(app, 'sales')))).toMatchObject({ body: { code: 40004 } })
    expect(await world.call('GET', members(openDepartmentId(app, 'asia')))).toMatchObject({ body: { code: 0 } })
    expect((await world.call('GET', '/open-apis/contact/v3/scopes?page_size=100')).body.data).toMatchObject({
      department_ids: [openDepartmentId(app, 'asia')],
      user_ids: [world.sandbox.openId('alice')],
    })
  })

  it('is closed to an app without the permission, and fields are', async () => {
    await using world = await open()
    world.sandbox.configureApp(larkApp, { scopes: ['contact:contact.base:readonly'] })
    const refused = await world.call('GET', children('0'))
    expect(refused.body).toMatchObject({ code: 99991672 })
    expect(refused.body.msg).toContain('contact:department.organize:readonly')
    const { items } = (await world.call('GET', members('0'))).body.data as { items: object[] }
    for (const field of ['name', 'email', 'mobile', 'employee_no', 'status']) expect(items[0]).not.toHaveProperty(field)
  })
})
