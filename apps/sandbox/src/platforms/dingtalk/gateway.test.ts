import { describe, expect, it } from 'vitest'
import { createDingtalkWorld, exclusiveApp, exclusiveSecret, standardApp, standardSecret } from './_world.ts'

const user = '/topapi/v2/user/get'
const send = '/v1.0/robot/oToMessages/batchSend'
const nobody = { robotCode: standardApp, userIds: ['x'], msgKey: 'sampleText', msgParam: '{"content":"x"}' }

describe('access tokens', () => {
  it('are the same again while they live, on both hosts, and known to both', async () => {
    await using world = await createDingtalkWorld()
    const token = await world.appToken()
    const { oapiUrl, apiUrl } = world.sandbox.dingtalk
    const old = await fetch(`${oapiUrl}/gettoken?appkey=${standardApp}&appsecret=${standardSecret}`)
    expect(await old.json()).toMatchObject({ errcode: 0, access_token: token, expires_in: 7200 })
    const corp = await fetch(`${apiUrl}/v1.0/oauth2/dingacmestandard0001/token`, {
      method: 'POST',
      body: JSON.stringify({
        client_id: standardApp,
        client_secret: standardSecret,
        grant_type: 'client_credentials',
      }),
    })
    expect(await corp.json()).toEqual({ access_token: token, expires_in: 7200 })
    expect(await world.oapi(user, { userid: 'x' })).toMatchObject({ status: 200, body: { errcode: 33012 } })
  })

  it('expire after two hours with the codes of each host', async () => {
    await using world = await createDingtalkWorld()
    await world.appToken()
    await world.sandbox.advance(7_200_000)
    expect(await world.oapi(user, { userid: 'x' })).toMatchObject({ status: 200, body: { errcode: 40014 } })
    const answer = await world.api('POST', send, nobody)
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidAuthentication' } })
    expect(answer.body.requestid).toMatch(/^[0-9A-F]+$/)
    expect(answer.headers.get('x-acs-request-id')).toBeTruthy()
  })

  it('are refused to a wrong secret', async () => {
    await using world = await createDingtalkWorld()
    const answer = await fetch(`${world.sandbox.dingtalk.apiUrl}/v1.0/oauth2/accessToken`, {
      method: 'POST',
      body: JSON.stringify({ appKey: standardApp, appSecret: 'wrong' }),
    })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'invalidClientIdOrSecret' }])
  })
})

describe('what the gateway refuses', () => {
  it('names the missing right', async () => {
    await using world = await createDingtalkWorld()
    world.sandbox.dingtalk.configureApp(standardApp, { scopes: [] })
    expect(await world.api('POST', send, nobody)).toMatchObject({
      status: 403,
      body: {
        code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
        accessdenieddetail: { requiredScopes: ['qyapi_robot_sendmsg'] },
      },
    })
    expect(await world.oapi(user, { userid: 'x' })).toMatchObject({ body: { errcode: 60011 } })
  })

  it('lets 20 calls a second through per app and API, and counts none of the others', async () => {
    await using world = await createDingtalkWorld({ now: () => 1_767_225_600_000 })
    const answers = []
    for (let call = 0; call < 21; call += 1) answers.push(await world.api('POST', send, nobody))
    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(200), 403])
    expect(answers[20]?.body.code).toBe('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi')
    expect(world.sandbox.dingtalk.usage(standardApp)).toEqual({ month: '2026-01', calls: 20, pushes: 0 })
    for (let call = 0; call < 20; call += 1) await world.oapi(user, { userid: 'x' })
    expect(await world.oapi(user, { userid: 'x' })).toMatchObject({ body: { errcode: 90018 } })
  })

  it('ends with the calls of the month on the standard edition alone, and begins anew with the next', async () => {
    const monthlyCalls = { standard: 2, exclusive: 0 }
    await using world = await createDingtalkWorld({ now: () => 1_767_225_600_000, dingtalk: { monthlyCalls } })
    for (let call = 0; call < 2; call += 1) await world.api('POST', send, nobody)
    expect(await world.api('POST', send, nobody)).toMatchObject({
      status: 403,
      body: { code: 'Forbidden.AccessDenied.ApiCountLimitForOrg' },
    })
    const notice = { agent_id: '3300001', userid_list: 'x', msg: { msgtype: 'text', text: { content: 'x' } } }
    const asyncsend = '/topapi/message/corpconversation/asyncsend_v2'
    expect(await world.oapi(asyncsend, notice)).toMatchObject({ body: { errcode: 90020 } })
    expect(await world.oapi(user, { userid: 'x' })).toMatchObject({ body: { errcode: 33012 } })
    const exclusive = await world.appToken(exclusiveApp, exclusiveSecret)
    for (let call = 0; call < 3; call += 1) {
      expect((await world.api('POST', send, { ...nobody, robotCode: exclusiveApp }, exclusive)).status).toBe(200)
    }
    await world.sandbox.advance(32 * 24 * 3_600_000)
    const token = await world.api('POST', '/v1.0/oauth2/accessToken', {
      appKey: standardApp,
      appSecret: standardSecret,
    })
    expect((await world.api('POST', send, nobody, String(token.body.accessToken))).status).toBe(200)
    expect(world.sandbox.dingtalk.usage(standardApp)).toMatchObject({ month: '2026-02', calls: 1 })
  })

  it('comes inside code 88 on the old host where the switch says so', async () => {
    await using world = await createDingtalkWorld({ dingtalk: { oldHostRefusals: 'wrapped' } })
    const { body } = await world.oapi(user, { userid: 'x' }, 'not-a-token')
    expect(body).toMatchObject({ errcode: 88, sub_code: '40014' })
    expect(body.errmsg).toMatch(/^ding talk error\[subcode=40014,submsg=/)
  })

  it('knows no other addresses', async () => {
    await using world = await createDingtalkWorld()
    expect((await world.api('POST', '/v1.0/card/templates', {})).status).toBe(404)
    expect(await world.oapi('/topapi/nothing', {})).toMatchObject({ status: 200, body: { errcode: 404 } })
  })
})

describe('faults of calls', () => {
  it.each([
    [{ kind: 'rate-limited' }, 403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 90018],
    [{ kind: 'quota-exceeded' }, 403, 'Forbidden.AccessDenied.ApiCountLimitForOrg', 90020],
    [{ kind: 'server-error' }, 500, 'system.busy', -1],
    [{ kind: 'expired-token' }, 400, 'InvalidAuthentication', 40014],
  ] as const)('%o answers with the codes of both hosts', async (fault, status, code, errcode) => {
    await using world = await createDingtalkWorld()
    const token = await world.appToken()
    world.sandbox.faults.set({ ...fault, platform: 'dingtalk', times: 1 })
    expect(await world.api('POST', send, nobody)).toMatchObject({ status, body: { code } })
    const again = await world.api('POST', '/v1.0/oauth2/accessToken', {
      appKey: standardApp,
      appSecret: standardSecret,
    })
    expect(again.body.accessToken === token).toBe(fault.kind !== 'expired-token')
    world.sandbox.faults.set({ ...fault, platform: 'dingtalk', times: 1 })
    const notice = { agent_id: '3300001', userid_list: 'x', msg: { msgtype: 'text', text: { content: 'x' } } }
    const asyncsend = '/topapi/message/corpconversation/asyncsend_v2'
    const answer = await world.oapi(asyncsend, notice, String(again.body.accessToken))
    expect(answer).toMatchObject({ status: 200, body: { errcode } })
  })

  it('drops, cuts and breaks answers', async () => {
    await using world = await createDingtalkWorld()
    const { userId } = world.sandbox.person('wang')
    const toWang = { ...nobody, userIds: [userId] }
    await world.appToken()
    world.sandbox.faults.set({ kind: 'dropped-answer', path: '/batchSend', times: 1 })
    await expect(world.api('POST', send, toWang)).rejects.toThrow()
    expect(world.sandbox.chat('wang')).toHaveLength(1)
    world.sandbox.faults.set({ kind: 'malformed-answer', times: 1 })
    await expect(world.api('POST', send, toWang)).rejects.toThrow(/JSON/)
    world.sandbox.faults.set({ kind: 'server-error', status: 503, times: 1 })
    await expect(world.api('POST', send, toWang)).rejects.toThrow(/JSON/)
    world.sandbox.faults.set({ kind: 'reset', times: 1 })
    await expect(world.api('POST', send, toWang)).rejects.toThrow()
    expect(world.sandbox.chat('wang')).toHaveLength(2)
    const notes = world.sandbox.wire.flatMap(({ note }) => note ?? [])
    expect(notes).toEqual(['dropped-answer: processed with HTTP 200', 'malformed-answer', 'server-error', 'reset'])
  })
})
