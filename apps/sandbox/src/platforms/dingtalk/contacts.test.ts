import { describe, expect, it } from 'vitest'
import { createDefaultSeed } from '#sandbox/default-seed.ts'
import { createDingtalkWorld, exclusiveApp, exclusiveSecret, standardApp } from './_world.ts'

const byMobile = '/topapi/v2/user/getbymobile'

describe('looking people up', () => {
  it('finds an ordinary account by its mobile number', async () => {
    await using world = await createDingtalkWorld()
    const { userId } = world.sandbox.person('wang')
    expect(await world.oapi(byMobile, { mobile: '13700137000' })).toMatchObject({
      body: { result: { userid: userId } },
    })
    expect(await world.oapi(byMobile, { mobile: '13000000000' })).toMatchObject({ body: { errcode: 60121 } })
    expect(await world.oapi(byMobile, { mobile: '12' })).toMatchObject({ body: { errcode: 40104 } })
  })

  it('finds exclusive accounts by mobile only when asked for them', async () => {
    await using world = await createDingtalkWorld()
    const token = await world.appToken(exclusiveApp, exclusiveSecret)
    const mobile = '+62-81234567890'
    expect(await world.oapi(byMobile, { mobile }, token)).toMatchObject({ body: { errcode: 60121 } })
    const found = await world.oapi(byMobile, { mobile, support_exclusive_account_search: true }, token)
    expect(found.body.result).toEqual({ exclusive_account_userid_list: [world.sandbox.person('maya').userId] })
  })

  it('shows employee ids department by department, a page at a time', async () => {
    await using world = await createDingtalkWorld()
    const token = await world.appToken(exclusiveApp, exclusiveSecret)
    const departments = await world.oapi('/topapi/v2/department/listsub', { dept_id: 1 }, token)
    expect(departments.body.result).toMatchObject([{ dept_id: 201, parent_id: 1 }, { dept_id: 202 }])
    const page = await world.oapi('/topapi/v2/user/list', { dept_id: 202, cursor: 0, size: 100 }, token)
    expect(page.body.result).toMatchObject({
      has_more: false,
      list: [{ userid: world.sandbox.person('maya').userId, job_number: 'E-2002', exclusive_account: true }],
    })
    const tooMany = await world.oapi('/topapi/v2/user/list', { dept_id: 202, cursor: 0, size: 101 }, token)
    expect(tooMany.body.errcode).toBe(40069)
  })

  it('shows a member, with fields only where the app has the right to them', async () => {
    await using world = await createDingtalkWorld()
    const { userId, unionId } = world.sandbox.person('grace')
    const read = () => world.oapi('/topapi/v2/user/get', { userid: userId })
    expect((await read()).body.result).toMatchObject({ unionid: unionId, mobile: '+65-91234567', job_number: 'A-1002' })
    const { scopes } = world.sandbox.dingtalk.app(standardApp)
    world.sandbox.dingtalk.configureApp(standardApp, { scopes: scopes.filter((scope) => scope !== 'fieldMobile') })
    expect((await read()).body.result).not.toHaveProperty('mobile')
    world.sandbox.configurePerson('grace', { availableTo: false })
    expect((await read()).body.errcode).toBe(50002)
    const outside = await world.oapi('/topapi/user/getbyunionid', { unionid: world.sandbox.person('sun').unionId })
    expect(outside.body.errcode).toBe(60121)
  })

  it('has departments below departments, and shows an app those in its range', async () => {
    const seed = createDefaultSeed('http://localhost:8080')
    const tenantKey = 'dingacmestandard0001'
    const departments = [
      { platform: 'dingtalk' as const, tenantKey, id: '300', name: '研发' },
      { platform: 'dingtalk' as const, tenantKey, id: '301', name: '平台', parent: '300' },
    ]
    const zhao = { id: 'zhao', name: '赵一', platform: 'dingtalk' as const, tenantKey, locale: 'zh_cn' }
    const people = [...seed.people, { ...zhao, departments: ['301', '300'], orgEmail: 'zhao@acme.example' }]
    await using world = await createDingtalkWorld({ seed: { ...seed, departments, people } })
    const sub = (id: number) => world.oapi('/topapi/v2/department/listsub', { dept_id: id })
    expect((await sub(300)).body.result).toMatchObject([{ dept_id: 301, name: '平台', parent_id: 300 }])
    const list = (id: number) => world.oapi('/topapi/v2/user/list', { dept_id: id, cursor: 0, size: 100 })
    expect((await list(301)).body.result).toMatchObject({
      list: [{ name: '赵一', org_email: 'zhao@acme.example', dept_id_list: [301, 300] }],
    })
    world.sandbox.dingtalk.configureApp(standardApp, { contactRange: { departments: ['300'], people: ['wang'] } })
    const scopes = await fetch(`${world.sandbox.dingtalk.oapiUrl}/auth/scopes?access_token=${await world.appToken()}`)
    expect(await scopes.json()).toMatchObject({
      auth_org_scopes: { authed_dept: [300], authed_user: [world.sandbox.person('wang').userId] },
    })
    expect((await sub(1)).body.errcode).toBe(50004)
    expect((await list(301)).body.errcode).toBe(0)
    expect((await list(404)).body.errcode).toBe(60019)
  })

  it('takes forms as well as JSON', async () => {
    await using world = await createDingtalkWorld()
    const response = await fetch(
      `${world.sandbox.dingtalk.oapiUrl}${byMobile}?access_token=${await world.appToken()}`,
      {
        method: 'POST',
        body: new URLSearchParams({ mobile: '13700137000' }),
      },
    )
    expect(await response.json()).toMatchObject({ errcode: 0 })
  })
})
