import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bySms, mobiles, smsAccount } from '../_post.ts'
import { startWorld, type World } from '../_world.ts'

/* Ticket in, text message out, signed and checked by a strict service. */

let world: World
let aheadMs = 0
beforeAll(async () => {
  world = await startWorld({ ...bySms(), now: () => Date.now() + aheadMs })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.sandbox.faults.clear())

const minute = 60_000
const later = async (ms: number): Promise<void> => {
  aheadMs += ms
  await world.drain()
}
const inbox = (uid: keyof typeof mobiles) => world.sandbox.sms.inbox(mobiles[uid])
const ask = (uid: string, title: string) => world.api.submit({ title, nodes: [{ name: 'Owner', approvers: [uid] }] })
const delivery = async ({ id }: { id: string }, uid: string) => {
  const { body } = await world.api.call('GET', `/api/v1/tickets/${id}/deliveries`)
  return body.items.find(({ recipient }: { recipient: string }) => recipient === uid)
}

describe('a text message', () => {
  it('reaches a number of the mainland by the approved template', async () => {
    const ticket = await ask('chen', '导出订单 https://orders.acme.com 10.0.0.1')
    await world.drain()
    expect(inbox('chen').at(-1)).toMatchObject({ from: '会签', templateCode: 'SMS_900000002' })
    expect(inbox('chen').at(-1)?.text).toContain(`工单${ticket.number}（导出订单`)
    expect(await delivery(ticket, 'chen')).toMatchObject({ channel: 'sms', state: 'sent', attempts: [{ code: 'OK' }] })
  })

  it.each(['alice', 'carol'] as const)('reaches %s abroad in full, with the link', async (uid) => {
    const ticket = await ask(uid, 'Read access to invoices')
    await world.drain()
    const text = inbox(uid).at(-1)?.text ?? ''
    expect(text).toContain(`#${ticket.number} Read access to invoices: your decision is needed`)
    expect(text).toContain(`/console/mobile/index/?t=acme&ticket=${ticket.id}`)
  })

  it('is held where the number has had enough, and others are told meanwhile', async () => {
    world.sandbox.sms.settings.noticesPerDay = 1
    const held = await ask('chen', '太多了')
    const other = await ask('li', '别人的')
    await world.drain()
    world.sandbox.sms.settings.noticesPerDay = 50
    const waiting = await delivery(held, 'chen')
    expect(waiting).toMatchObject({
      state: 'queued',
      waitsFor: 'rate_limit',
      attempts: [{ code: 'isv.BUSINESS_LIMIT_CONTROL', message: '触发天级流控Permits:1' }],
    })
    // Any 24 hours: a place may come free at any time, so it is asked for each hour.
    expect(Date.parse(waiting.nextAttemptAt) - Date.now() - aheadMs).toBeGreaterThan(59 * minute)
    expect(await delivery(other, 'li')).toMatchObject({ state: 'sent' })
  })

  it('is not sent twice when the answer was lost: the records are asked first', async () => {
    const before = inbox('li').length
    world.sandbox.faults.set({ kind: 'dropped-answer', times: 1 })
    const ticket = await ask('li', '只发一次')
    await world.drain()
    expect(await delivery(ticket, 'li')).toMatchObject({ state: 'queued', attempts: [{ code: 'network' }] })
    await later(10 * minute)
    expect(await delivery(ticket, 'li')).toMatchObject({ state: 'sent' })
    expect(inbox('li')).toHaveLength(before + 1)
  })

  it('is not sent twice abroad either, and the log says that it may have arrived', async () => {
    const before = inbox('dan').length
    world.sandbox.faults.set({ kind: 'dropped-answer', times: 1 })
    const ticket = await ask('dan', 'Only once')
    await world.drain()
    await later(10 * minute)
    expect(await delivery(ticket, 'dan')).toMatchObject({
      state: 'failed',
      attempts: [{ code: 'network' }, { code: 'outcome_unknown' }],
    })
    expect(inbox('dan')).toHaveLength(before + 1)
  })

  it('waits for an administrator where the account is the trouble', async () => {
    world.sandbox.sms.configureAccount(smsAccount.accessKeyId, { state: 'unpaid' })
    const ticket = await ask('mallory', 'Unpaid')
    await world.drain()
    expect(await delivery(ticket, 'mallory')).toMatchObject({
      state: 'queued',
      attempts: [{ code: 'isv.AMOUNT_NOT_ENOUGH' }],
    })
    world.sandbox.sms.configureAccount(smsAccount.accessKeyId, { state: 'active' })
    await later(15 * minute)
    expect(await delivery(ticket, 'mallory')).toMatchObject({ state: 'sent' })
  })

  it('leaves no number in the delivery log', async () => {
    const ticket = await ask('alice', 'No number')
    await world.drain()
    expect(JSON.stringify(await delivery(ticket, 'alice'))).not.toMatch(/91234567/)
  })
})
