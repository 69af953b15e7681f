import { describe, expect, it } from 'vitest'
import { createTestWorld, feishuApp, larkApp } from '#sandbox/_world.ts'

const path = '/open-apis/contact/v3/users/batch_get_id'

describe('looking people up', () => {
  it('returns one item per input and leaves the id out for somebody unknown', async () => {
    await using world = await createTestWorld()
    const answer = await world.call('POST', path, {
      emails: ['ALICE@acme.example', 'nobody@acme.example'],
      mobiles: ['1'],
    })
    expect(answer.body.data).toEqual({
      user_list: [
        { user_id: world.sandbox.openId('alice'), email: 'ALICE@acme.example' },
        { email: 'nobody@acme.example' },
        { mobile: '1' },
      ],
    })
  })

  it('gives a person a different open_id in every app, and the same one after a restart', async () => {
    await using world = await createTestWorld()
    await using other = await createTestWorld()
    expect(world.sandbox.openId('chen', feishuApp)).toBe(other.sandbox.openId('chen', feishuApp))
    expect(world.sandbox.openId('alice', larkApp)).not.toBe(world.sandbox.openId('bob', larkApp))
  })

  it('refuses more than fifty addresses', async () => {
    await using world = await createTestWorld()
    const emails = Array.from({ length: 51 }, (_, index) => `p${index}@acme.example`)
    expect(await world.call('POST', path, { emails })).toMatchObject({ status: 400, body: { code: 99992402 } })
  })

  it('keeps the user_id back from an app without its scope', async () => {
    await using world = await createTestWorld()
    world.sandbox.configureApp(larkApp, { scopes: ['contact:user.id:readonly'] })
    const answer = await world.call('POST', `${path}?user_id_type=user_id`, { emails: ['alice@acme.example'] })
    expect(answer.body.data).toEqual({ user_list: [{ email: 'alice@acme.example' }] })
  })

  it('shows a person with the fields whose scopes the app has', async () => {
    await using world = await createTestWorld()
    world.sandbox.configureApp(larkApp, { scopes: ['contact:user.base:readonly'] })
    const answer = await world.call('GET', `/open-apis/contact/v3/users/${world.sandbox.openId('alice')}`)
    expect(answer.body.data?.user).toMatchObject({ name: 'Alice Tan', open_id: world.sandbox.openId('alice') })
    expect(answer.body.data?.user).not.toHaveProperty('email')
    expect(await world.call('GET', '/open-apis/contact/v3/users/ou_x')).toMatchObject({ body: { code: 99992351 } })
  })
})
