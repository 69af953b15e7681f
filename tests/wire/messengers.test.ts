import type { DeliveryView, TicketView } from '@countersign/contracts'
import { defaultServicesSeed } from '@countersign/sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../_world.ts'

/* The channels that only tell, over the wire: robots of two groups in DingTalk and one in WeCom, and web hooks. */

const hookKey = 'a key for the hooks of tests'
let world: World

beforeEach(async () => {
  world = await startWorld({
    dingtalk: 'stream',
    seed: (seed) => ({ ...seed, ...services }),
    change(file, sandbox) {
      const tenant = file.tenants[0]
      if (tenant === undefined) throw new Error('there is no tenant')
      Object.assign(tenant.channels, {
        dingtalkRobot: { enabled: true },
        wecomRobot: { enabled: true },
      })
      const keyword = { url: sandbox.dingtalk.groupRobotUrl('db-changes-robot') }
      const { secret } = sandbox.dingtalk.groupRobot('db-changes-signed')
      const signed = { url: sandbox.dingtalk.groupRobotUrl('db-changes-signed'), ...(secret && { secret }) }
      const hook = {
        url: sandbox.webhooks.url('ticket-hook'),
        signatureMethod: 'HMAC_SHA1' as const,
        signatureKey: hookKey,
      }
      const channels: Record<string, object> = {
        alice: { dingtalkRobot: keyword, webhook: hook },
        carol: { dingtalkRobot: keyword },
        dan: { dingtalkRobot: signed },
        chen: { wecomRobot: { url: sandbox.wecom.robotUrl('dba-duty-robot') } },
      }
      for (const user of tenant.users) if (channels[user.uid] !== undefined) user.channels = channels[user.uid] ?? {}
    },
  })
})
afterEach(() => world[Symbol.asyncDispose]())

const services = defaultServicesSeed({ dingtalk: ['wang', 'grace'], wecom: ['chen', 'li'] })
for (const hook of services.webhooks ?? []) {
  hook.signatureKey = hookKey
  hook.secret = `whsec_${Buffer.from(hookKey).toString('base64')}`
}

async function ask(approvers: string[], title = 'Read access'): Promise<TicketView> {
  const ticket = await world.api.submit({ title, nodes: [{ name: 'Owner', approvers, rule: 'all' }] })
  await world.drain()
  return ticket
}

async function deliveries({ id }: Pick<TicketView, 'id'>): Promise<DeliveryView[]> {
  const { body } = await world.api.call('GET', `/api/v1/tickets/${id}/deliveries`)
  return body.items
}

const outcomes = async (ticket: TicketView) =>
  (await deliveries(ticket)).map(({ recipient, channel, state, attempts }) => ({
    ...{ recipient, channel, state, codes: attempts.map(({ code }) => code) },
  }))

describe('a DingTalk group', () => {
  it('is told by its robot, once for all of its people, with a link to the ticket', async () => {
    const ticket = await ask(['alice', 'carol'])
    const messages = world.sandbox.dingtalk.robotMessages('db-changes-robot')
    expect(messages).toHaveLength(1)
    expect(messages[0]?.content).toContain(`【DMS数据管理】#${ticket.number} Read access: your decision is needed`)
    expect(messages[0]?.content).toContain(`${world.url}/console/mobile/index/?t=acme&ticket=${ticket.id}`)
    expect((await outcomes(ticket)).filter(({ channel }) => channel === 'dingtalkRobot')).toEqual([
      { recipient: 'alice', channel: 'dingtalkRobot', state: 'sent', codes: ['0'] },
      { recipient: 'carol', channel: 'dingtalkRobot', state: 'sent', codes: ['0'] },
    ])
  })

  it('is told by a robot that wants its calls signed', async () => {
    const ticket = await ask(['dan'])
    expect(world.sandbox.dingtalk.robotMessages('db-changes-signed')).toHaveLength(1)
    expect(await outcomes(ticket)).toEqual([
      { recipient: 'dan', channel: 'dingtalkRobot', state: 'sent', codes: ['0'] },
    ])
  })

  it('whose robot refuses what we send has its code in the log, and is tried again when somebody may have mended it', async () => {
    world.sandbox.dingtalk.configureGroupRobot('db-changes-robot', { keywords: ['another word'] })
    const ticket = await ask(['carol'])
    const [delivery] = await deliveries(ticket)
    expect(delivery).toMatchObject({
      state: 'queued',
      attempts: [{ code: '310000', message: 'keywords not in content' }],
    })
    expect(Date.parse(delivery?.nextAttemptAt ?? '')).toBeGreaterThan(Date.now() + 5 * 60_000)
  })

  it('whose robot was too fast is left alone for ten minutes; another robot goes on', async () => {
    world.sandbox.faults.set({ kind: 'rate-limited', platform: 'dingtalk', path: '/robot/send', times: 1 })
    const held = await ask(['carol'])
    const [delivery] = await deliveries(held)
    expect(delivery).toMatchObject({ state: 'queued', waitsFor: 'rate_limit', attempts: [{ code: '410100' }] })
    expect(Date.parse(delivery?.nextAttemptAt ?? '')).toBeGreaterThan(Date.now() + 9 * 60_000)
    // What comes meanwhile is not even tried.
    const next = await ask(['carol'])
    expect((await deliveries(next))[0]).toMatchObject({ state: 'queued', waitsFor: 'rate_limit', attempts: [] })
    const other = await ask(['dan'])
    expect((await deliveries(other))[0]).toMatchObject({ state: 'sent', waitsFor: null })
    expect(world.sandbox.dingtalk.robotMessages('db-changes-robot')).toEqual([])
  })

  it('whose robot is gone is not told, and the log says why', async () => {
    world.sandbox.dingtalk.configureGroupRobot('db-changes-robot', { state: 'removed' })
    const ticket = await ask(['carol'])
    expect(await outcomes(ticket)).toEqual([
      { recipient: 'carol', channel: 'dingtalkRobot', state: 'failed', codes: ['400106'] },
    ])
  })
})

describe('a WeCom group', () => {
  it('is told by a card that leads to the ticket, in the language of whoever has the robot', async () => {
    const ticket = await ask(['chen'], '读取权限')
    const [message, ...more] = world.sandbox.wecom.messages('dba-duty-robot')
    expect(more).toEqual([])
    expect(message?.msgType).toBe('template_card')
    expect(message?.content).toContain(`#${ticket.number} 读取权限：等待您审批`)
    expect(message?.content).toContain(`/console/mobile/index/?t=acme&ticket=${ticket.id}`)
    expect(await outcomes(ticket)).toEqual([{ recipient: 'chen', channel: 'wecomRobot', state: 'sent', codes: ['0'] }])
  })

  it('whose bot is switched off is tried again slowly, with the code of the platform', async () => {
    world.sandbox.wecom.configureRobot('dba-duty-robot', { state: 'disabled' })
    const [delivery] = await deliveries(await ask(['chen']))
    expect(delivery).toMatchObject({ state: 'queued', attempts: [{ code: '93004' }] })
  })

  it('is not told twice where it is not known whether the first message arrived', async () => {
    world.sandbox.faults.set({ kind: 'dropped-answer', platform: 'wecom', path: '/cgi-bin/webhook/send', times: 1 })
    const ticket = await ask(['chen'])
    expect(await outcomes(ticket)).toEqual([
      { recipient: 'chen', channel: 'wecomRobot', state: 'failed', codes: ['outcome_unknown'] },
    ])
  })
})

describe('a web hook', () => {
  const calls = () => world.sandbox.webhooks.calls('ticket-hook')

  it('gets the body of DMS and two good signatures', async () => {
    const ticket = await ask(['alice'])
    const [call, ...more] = calls()
    expect(more).toEqual([])
    expect(call).toMatchObject({ dms: { state: 'valid' }, standard: { state: 'valid' }, dmsFaults: [] })
    expect(JSON.parse(call?.body ?? '{}').messageEvent).toMatchObject({
      ...{ submitterUid: 'bob', submitterName: 'Bob Miller', event: 'Pending approval', taskId: ticket.id },
      ...{ targetUsers: [{ uid: 'alice', name: 'Alice Tan' }], receivers: [{ uid: 'alice', name: 'Alice Tan' }] },
    })
  })

  it('that is busy is called again when it says, under the same id; a redirect is not followed', async () => {
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 429, retryAfter: 120 }, 1)
    const [first] = (await deliveries(await ask(['alice']))).filter(({ channel }) => channel === 'webhook')
    expect(first).toMatchObject({ state: 'queued', attempts: [{ code: '429' }] })
    expect(Date.parse(first?.nextAttemptAt ?? '')).toBeGreaterThan(Date.now() + 100_000)
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'redirect' }, 1)
    const [second] = (await deliveries(await ask(['alice']))).filter(({ channel }) => channel === 'webhook')
    expect(second).toMatchObject({ state: 'queued', attempts: [{ code: '307' }] })
    expect(calls().every(({ isRedirected }) => !isRedirected)).toBe(true)
  })
})
