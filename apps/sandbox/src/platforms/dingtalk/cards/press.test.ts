import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#sandbox/json.ts'
import { apiSecret, createDingtalkWorld, routeKey, standardApp } from '#sandbox/platforms/dingtalk/_world.ts'
import { signCardCallback } from '#sandbox/platforms/dingtalk/signatures.ts'

const clickOf = (body: string | undefined) => {
  const { content, ...rest } = JSON.parse(body ?? '{}') as JsonObject & { content: string }
  return { ...rest, ...(JSON.parse(content) as { cardPrivateData: { actionIds: string[]; params: JsonObject } }) }
}

describe('pressing a button on a DingTalk card', () => {
  it('posts a signed callback and shows the answer to the person who clicked alone', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang', 'grace'])
    world.answerWith(() => ({
      body: {
        cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
        cardData: { cardParamMap: { status: 'approved' } },
        userPrivateData: { cardParamMap: { canDecide: 'false', statusText: '已同意' } },
      },
    }))
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, '同意')
    expect(result).toMatchObject({ outcome: 'answered', status: 200, toast: { type: 'success', text: '已同意' } })
    const { userId } = world.sandbox.person('wang')
    const [received] = world.received
    expect(clickOf(received?.body)).toEqual({
      type: 'actionCallback',
      outTrackId: 'ticket-42',
      corpId: 'dingacmestandard0001',
      userId,
      cardPrivateData: { actionIds: ['approve'], params: { action: 'approve', proof: `proof-of-${userId}` } },
    })
    const timestamp = String(received?.headers['x-ddpaas-signature-timestamp'])
    expect(received?.headers['x-ddpaas-signature']).toBe(signCardCallback(timestamp, apiSecret))
    expect(world.cardOf('wang').params).toMatchObject({
      status: 'approved',
      canDecide: 'false',
      title: '#42 Export orders',
    })
    expect(world.cardOf('grace').params).toMatchObject({ status: 'pending', canDecide: 'true' })
  })

  it('keeps what an answer showed to one person until an update comes for everybody', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang', 'grace'])
    world.answerWith(() => ({
      body: { cardUpdateOptions: { updateCardDataByKey: true }, cardData: { cardParamMap: { status: 'working' } } },
    }))
    await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    await world.api('PUT', '/v1.0/card/instances', {
      outTrackId: 'ticket-42',
      cardData: { cardParamMap: { status: 'approved' } },
      cardUpdateOptions: { updateCardDataByKey: true },
    })
    expect(world.cardOf('wang').params.status).toBe('approved')
    expect(world.cardOf('grace').params.status).toBe('approved')
  })

  it('shows the answer to everybody where the switch says so', async () => {
    await using world = await createDingtalkWorld({ dingtalk: { answerReaches: 'everybody' } })
    await world.register()
    await world.sendCard(['wang', 'grace'])
    world.answerWith(() => ({
      body: { cardUpdateOptions: { updateCardDataByKey: true }, cardData: { cardParamMap: { status: 'approved' } } },
    }))
    await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(world.cardOf('grace').params.status).toBe('approved')
  })

  it('sends a form with what was typed, and nothing while a required field is empty', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['grace'])
    const { messageId } = world.cardOf('grace')
    expect(await world.sandbox.press('grace', messageId, 'Reject')).toEqual({
      outcome: 'missing-fields',
      missing: ['reason'],
    })
    expect(world.received).toHaveLength(0)
    await world.sandbox.press('grace', messageId, 'reject', { formValues: { reason: 'too much' } })
    expect(clickOf(world.received[0]?.body).cardPrivateData).toMatchObject({
      actionIds: ['form'],
      params: { action: 'reject', form: { reason: 'too much' } },
    })
  })

  it('opens links without calling the server and names the buttons there are', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['grace'])
    const { messageId } = world.cardOf('grace')
    expect(await world.sandbox.press('grace', messageId, 'Open')).toEqual({
      outcome: 'opened',
      openedUrl: 'http://h5/',
    })
    await expect(world.sandbox.press('grace', messageId, 'Delete')).rejects.toThrow(/no such button.*Approve/)
    await expect(world.sandbox.press('wang', messageId, 'Open')).rejects.toThrow(/not in the chat of wang/)
  })

  it.each([
    ['a status other than 200', { status: 500 }],
    ['no JSON', { raw: '<html>' }],
    ['values that are no strings', { body: { cardData: { cardParamMap: { status: 1 } } } }],
    ['a value above 1 KB', { body: { userPrivateData: { cardParamMap: { feedback: 'x'.repeat(1025) } } } }],
  ])('shows a failure and leaves the card alone when the answer has %s', async (_what, answer) => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang'])
    const before = world.cardOf('wang')
    world.answerWith(() => answer)
    const result = await world.sandbox.press('wang', before.messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', toast: { type: 'error', text: '操作失败，请稍后重试' } })
    expect(world.cardOf('wang')).toEqual(before)
  })

  it('gives the server two seconds and calls it once', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang'])
    world.answerWith(() => 'hang')
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', error: { reason: 'no answer within 2000 ms' } })
    expect(world.received).toHaveLength(1)
  }, 10_000)

  it('fails when no callback is registered for the card', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang'])
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(result.error?.reason).toMatch(/no callback is registered/)
  })

  it('sends unsigned callbacks to an address that was registered without a secret', async () => {
    await using world = await createDingtalkWorld()
    await world.register({ apiSecret: undefined })
    await world.sendCard(['wang'])
    await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(world.received[0]?.headers['x-ddpaas-signature']).toBeUndefined()
  })
})

describe('faults on the way of a click', () => {
  it('loses, doubles and forgets', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang'])
    const press = () => world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    world.answerWith(() => ({ body: { userPrivateData: { cardParamMap: { canDecide: 'false' } } } }))
    world.sandbox.faults.set({ kind: 'callback-lost', platform: 'dingtalk', times: 1 })
    expect(await press()).toMatchObject({ outcome: 'failed', error: { reason: 'callback-lost' } })
    expect(world.received).toHaveLength(0)
    world.sandbox.faults.set({ kind: 'callback-answer-lost', times: 1 })
    expect(await press()).toMatchObject({ outcome: 'failed', status: 200 })
    expect(world.cardOf('wang').params.canDecide).toBe('true')
    world.sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    expect((await press()).duplicates).toHaveLength(1)
    expect(world.received).toHaveLength(3)
    expect(world.received[1]?.body).toBe(world.received[2]?.body)
  })

  it('has no clicks left when the pushes of the month are used up', async () => {
    await using world = await createDingtalkWorld({ dingtalk: { monthlyPushes: { standard: 1, exclusive: 0 } } })
    await world.register()
    await world.sendCard(['wang'])
    const press = () => world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(await press()).toMatchObject({ outcome: 'answered' })
    expect(await press()).toMatchObject({ outcome: 'failed', error: { reason: /used up/ } })
    expect(world.sandbox.dingtalk.usage(standardApp).pushes).toBe(1)
  })

  it('seals callbacks rightly, or wrongly exactly where told', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    const seal = (wrong = {}) => world.sandbox.dingtalk.signedCardCallback(standardApp, routeKey, {}, wrong).headers
    const right = seal({ timestamp: '1577262236757' })
    expect(right['x-ddpaas-signature']).toBe(signCardCallback('1577262236757', apiSecret))
    expect(seal({ timestamp: '1577262236757', secret: 'x' })['x-ddpaas-signature']).not.toBe(
      right['x-ddpaas-signature'],
    )
    expect(seal({ signature: 'forged' })['x-ddpaas-signature']).toBe('forged')
  })
})
