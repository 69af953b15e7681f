import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { apiSecret, createDingtalkWorld, routeKey, standardApp } from '#sandbox/platforms/dingtalk/_world.ts'
import { buttonsOf } from '#sandbox/platforms/dingtalk/template/drawn-card.ts'
import { sampleTemplate } from '#sandbox/platforms/dingtalk/template/sample.ts'

const space = (userId: string) => `dtv1.card//IM_ROBOT.${userId}`
const cardWith = (cardParamMap: object) => ({ cardData: { cardParamMap } })

describe('a card', () => {
  it('is one for all receivers, with words and buttons of their own', async () => {
    await using world = await createDingtalkWorld()
    const { body } = await world.sendCard(['wang', 'grace'])
    expect(body).toMatchObject({
      success: true,
      result: {
        outTrackId: 'ticket-42',
        deliverResults: [
          { spaceType: 'IM_ROBOT', spaceId: world.sandbox.person('wang').userId, success: true },
          { spaceId: world.sandbox.person('grace').userId, success: true },
        ],
      },
    })
    const texts = (id: string) =>
      buttonsOf(world.sandbox.dingtalk.draw(world.cardOf(id).messageId)).map(({ text }) => text)
    expect(texts('wang')).toEqual(['同意', '查看详情', '拒绝'])
    expect(texts('grace')).toEqual(['Approve', 'Open', 'Reject'])
    expect(world.sandbox.message(world.cardOf('grace').messageId).content).toBe('{"lastMessage":"To approve"}')
    expect(world.sandbox.dingtalk.usage(standardApp).calls).toBe(1)
  })

  it('changes for everybody with one update, key by key or as a whole', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang', 'grace'])
    const { userId } = world.sandbox.person('wang')
    const update = (body: object) => world.api('PUT', '/v1.0/card/instances', { outTrackId: 'ticket-42', ...body })
    const byKey = { updateCardDataByKey: true, updatePrivateDataByKey: true }
    const privateData = { [userId]: { cardParamMap: { canDecide: 'false' } } }
    const answer = await update({ ...cardWith({ status: 'approved' }), privateData, cardUpdateOptions: byKey })
    expect(answer.body).toEqual({ success: true, result: true })
    expect(world.cardOf('wang').params).toMatchObject({ status: 'approved', canDecide: 'false', facts: 'orders@prod' })
    expect(world.cardOf('grace').params).toMatchObject({ status: 'approved', canDecide: 'true' })
    await update(cardWith({ status: 'expired' }))
    expect(world.cardOf('grace').params).toMatchObject({ status: 'expired', canDecide: 'true' })
    expect(world.cardOf('grace').params).not.toHaveProperty('facts')
    expect((await update({})).body.code).toBe('param.cardDataAndPrivateDataBothEmpty')
    const unknown = await world.api('PUT', '/v1.0/card/instances', { outTrackId: 'x', ...cardWith({ a: 'b' }) })
    expect(unknown.body.code).toBe('param.cardNotExist')
  })

  it('is shown once per person: a repeated call changes nothing, a later delivery adds people', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang'])
    const again = await world.sendCard(['wang'], cardWith({ title: 'another' }))
    expect(again.body.success).toBe(true)
    expect(world.sandbox.chat('wang')).toHaveLength(1)
    expect(world.cardOf('wang').params.title).toBe('#42 Export orders')
    const added = await world.api('POST', '/v1.0/card/instances/deliver', {
      outTrackId: 'ticket-42',
      openSpaceId: space(world.sandbox.person('grace').userId),
      imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
    })
    expect(added.body).toMatchObject({ success: true, result: [{ success: true }] })
    expect(world.cardOf('grace').params.title).toBe('#42 Export orders')
    world.sandbox.dingtalk.settings.reusedOutTrackId = 'refuse'
    expect((await world.sendCard(['wang'])).body.code).toBe('param.cardAlreadyExist')
  })

  it('hides failures of single receivers behind a success', async () => {
    await using world = await createDingtalkWorld()
    world.sandbox.configurePerson('grace', { availableTo: false })
    const { userId: grace } = world.sandbox.person('grace')
    const openSpaceId = `${space(grace)};IM_ROBOT.nobody;im_group.cid1`
    const { status, body } = await world.sendCard(['grace'], { openSpaceId })
    const deliverResults = [{ success: false }, { errorMsg: 'user not exist' }, { success: false }]
    expect([status, body]).toMatchObject([200, { success: true, result: { deliverResults } }])
    const bare = await world.sendCard(['wang'], { outTrackId: 'other', imRobotOpenSpaceModel: undefined })
    expect(bare.body.result).toMatchObject({
      deliverResults: [{ success: false, errorMsg: 'spaces of card is empty' }],
    })
    world.sandbox.faults.set({ kind: 'undelivered', times: 1 })
    const lost = await world.sendCard(['wang'], { outTrackId: 'third' })
    expect(lost.body.result).toMatchObject({ deliverResults: [{ success: false }] })
    expect(world.sandbox.chat('wang')).toEqual([])
  })

  it.each([
    ['a number as a value', cardWith({ title: 1 }), 'param.invalid'],
    ['a value above 1 KB', cardWith({ title: '会'.repeat(342) }), 'param.invalid'],
    ['no data', { cardData: undefined }, 'param.cardPublicDataEmpty'],
    ['an unknown template', { cardTemplateId: 'x.schema' }, 'param.templateNotExist'],
    ['no id', { outTrackId: '' }, 'param.outTrackIdEmpty'],
    ['an id above 64 characters', { outTrackId: 'x'.repeat(65) }, 'outTrackId.outOfLimit'],
    ['no space', { openSpaceId: '' }, 'param.openSpaceIdEmpty'],
    ['a malformed space', { openSpaceId: 'IM_ROBOT.1' }, 'param.openSpaceIdInvalid'],
    ['a prefix before every space', { openSpaceId: `${space('1')};${space('2')}` }, 'param.openSpaceIdInvalid'],
    ['no deliver model', { imRobotOpenDeliverModel: undefined }, 'param.spaceDeliverModelEmpty'],
    ['a space model without supportForward', { imRobotOpenSpaceModel: {} }, 'param.openSpaceModelInvalid'],
    ['private data of a stranger', { privateData: { x: { cardParamMap: {} } } }, 'param.userIdNotExist'],
    ['an unknown way of callbacks', { callbackType: 'http' }, 'param.invalid'],
  ])('is refused with %s', async (_what, more, code) => {
    await using world = await createDingtalkWorld()
    expect(await world.sendCard(['wang'], more)).toMatchObject({ status: 400, body: { code } })
    expect(world.sandbox.chat('wang')).toEqual([])
  })

  it('lets an empty private value fall back to the public one, and ignores private data of public variables', async () => {
    await using world = await createDingtalkWorld()
    const { userId } = world.sandbox.person('wang')
    const privateData = { [userId]: { cardParamMap: { feedback: '', title: 'mine', proof: 'p' } } }
    await world.sendCard(['wang'], { ...cardWith({ title: 'ours', feedback: 'for all' }), privateData })
    expect(world.cardOf('wang').params).toEqual({ title: 'ours', feedback: 'for all', proof: 'p' })
  })

  it('is drawn from templates that are imported like in the card platform', async () => {
    await using world = await createDingtalkWorld()
    const templateId = world.sandbox.dingtalk.importTemplate(standardApp, sampleTemplate())
    expect(templateId).toMatch(/^[0-9a-f-]{36}\.schema$/)
    expect((await world.sendCard(['wang'], { cardTemplateId: templateId })).status).toBe(200)
    expect(() => world.sandbox.dingtalk.importTemplate(standardApp, '{"mode":"card"}')).toThrow(/editorData/)
    const onebox = { ...sampleTemplate(), type: 'onebox' }
    expect(() => world.sandbox.dingtalk.importTemplate(standardApp, onebox)).toThrow(/type must be "im"/)
  })

  it('survives a restart of the sandbox, and the registered address and the month with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const dataFile = join(folder, 'sandbox.json')
    const first = await createDingtalkWorld({ dataFile })
    await first.register()
    await first.sendCard(['wang'])
    const before = first.cardOf('wang')
    const token = await first.appToken()
    await first[Symbol.asyncDispose]()
    await using second = await createDingtalkWorld({ dataFile })
    expect(second.cardOf('wang')).toEqual(before)
    expect(second.sandbox.dingtalk.callbackRoute(standardApp, routeKey)).toMatchObject({ apiSecret })
    const update = { outTrackId: 'ticket-42', ...cardWith({ status: 'approved' }) }
    expect((await second.api('PUT', '/v1.0/card/instances', update, token)).status).toBe(200)
    expect(second.cardOf('wang').params.status).toBe('approved')
    expect(second.sandbox.dingtalk.usage(standardApp).calls).toBe(3)
  })
})

describe('registering the address of callbacks', () => {
  it('keeps what is there until told otherwise, and says what that is', async () => {
    await using world = await createDingtalkWorld()
    const first = await world.register({ callbackUrl: 'http://one.example/card' })
    expect(first.body).toMatchObject({ success: true, result: { callbackUrl: 'http://one.example/card' } })
    const second = await world.register({ callbackUrl: 'http://two.example/card', apiSecret: 'another' })
    expect(second.body.result).toEqual({
      callbackUrl: 'http://one.example/card',
      apiSecret: 'a-secret-of-the-callback',
    })
    const third = await world.register({ callbackUrl: 'http://two.example/card', forceUpdate: true })
    expect(third.body.result).toMatchObject({ callbackUrl: 'http://two.example/card' })
    expect((await world.register({ callbackUrl: '' })).body.code).toBe('param.callbackUrlEmpty')
  })
})
