import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp, larkSecret, requestToken } from '#sandbox/_world.ts'

const minute = 60_000

describe('the tenant token', () => {
  it('stays the same while it has thirty minutes left, then a new one is issued and both work', async () => {
    await using world = await createTestWorld()
    const first = await requestToken(world.sandbox)
    expect(first).toMatchObject({ code: 0, msg: 'ok', expire: 7200 })
    await world.sandbox.advance(89 * minute)
    const again = await requestToken(world.sandbox)
    expect(again.tenant_access_token).toBe(first.tenant_access_token)
    expect(Number(again.expire)).toBeLessThanOrEqual(31 * 60)
    await world.sandbox.advance(2 * minute)
    const second = await requestToken(world.sandbox)
    expect(second.tenant_access_token).not.toBe(first.tenant_access_token)
    for (const { tenant_access_token: token } of [first, second]) {
      expect(await world.call('GET', '/open-apis/bot/v3/info', undefined, String(token))).toMatchObject({ status: 200 })
    }
    await world.sandbox.advance(30 * minute)
    expect(
      await world.call('GET', '/open-apis/bot/v3/info', undefined, String(first.tenant_access_token)),
    ).toMatchObject({
      status: 400,
      body: { code: 99991663 },
    })
  })

  it.each([
    ['the app id is missing', '', larkSecret, 10003],
    ['the app is unknown', 'cli_ffffffffffffffff', larkSecret, 10014],
    ['the app belongs to the other platform', 'cli_0f1e2d3c4b5a6978', 'sandbox-feishu-app-secret', 10014],
    ['the secret is wrong', larkApp, 'wrong', 10015],
  ])('is refused with HTTP 200 when %s', async (_what, appId, secret, code) => {
    await using world = await createTestWorld()
    const answer = await requestToken(world.sandbox, appId, secret)
    expect(answer).toMatchObject({ code })
    expect(answer).not.toHaveProperty('tenant_access_token')
  })
})

describe('the Authorization check', () => {
  it.each([
    ['is missing', null, 99991661],
    ['is malformed', 'x-1', 99991671],
    ['is unknown', 't-unknown', 99991663],
    ['is a user token', 'u-unknown', 99991668],
  ])('answers HTTP 400 when the token %s', async (_what, token, code) => {
    await using world = await createTestWorld()
    const answer = await world.call('GET', '/open-apis/bot/v3/info', undefined, token)
    expect(answer).toMatchObject({ status: 400, body: { code } })
  })

  it('names the missing scopes in brackets', async () => {
    await using world = await createTestWorld()
    world.sandbox.configureApp(larkApp, { scopes: ['im:message.p2p_msg:readonly'] })
    const answer = await world.call('POST', '/open-apis/contact/v3/users/batch_get_id', { emails: [] })
    expect(answer).toMatchObject({ status: 400, body: { code: 99991672 } })
    expect(answer.body.msg).toMatch(/\[contact:user\.id:readonly\].*q=contact:user\.id:readonly/)
  })
})
