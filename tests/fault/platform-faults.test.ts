import type { FaultKind } from '@countersign/sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../_world.ts'

/* The platform misbehaves in every way the sandbox can; nothing is lost, nothing is sent twice. */

let world: World
let skewMs = 0
beforeEach(async () => {
  skewMs = 0
  world = await startWorld({ now: () => Date.now() + skewMs })
})
afterEach(() => world[Symbol.asyncDispose]())

const cardsOf = (uid: string, id: string) =>
  world.sandbox.chat(uid).filter((message) => JSON.stringify(message.card ?? '').includes(id))
const deliveries = async (id: string) => (await world.api.call('GET', `/api/v1/tickets/${id}/deliveries`)).body.items
const later = async (ms: number): Promise<void> => {
  skewMs += ms
  await world.drain()
}

describe('a card reaches its approver exactly once although the platform', () => {
  const faults: [FaultKind, Record<string, unknown>][] = [
    ['rate-limited', { resetSeconds: 1 }],
    ['server-error', { status: 502 }],
    ['server-error', { status: 503 }],
    ['dropped-answer', {}],
    ['malformed-answer', {}],
    ['reset', {}],
    ['expired-token', { times: 1 }],
    ['slow', { delayMs: 1_500 }],
  ]
  it.each(faults)('%s %o', async (kind, more) => {
    world.sandbox.faults.set({ kind, path: '/im/v1/messages', times: 2, ...more })
    const ticket = await world.api.submit()
    await world.drain()
    await later(40_000)
    await later(120_000)
    expect(cardsOf('alice', ticket.id)).toHaveLength(1)
    expect(await deliveries(ticket.id)).toMatchObject([{ recipient: 'alice', state: 'sent' }])
  })

  it('tells at every attempt what the platform said, in its own code', async () => {
    world.sandbox.faults.set({ kind: 'rate-limited', path: '/im/v1/messages', times: 1, resetSeconds: 2 })
    const ticket = await world.api.submit()
    await world.drain()
    expect((await deliveries(ticket.id))[0]).toMatchObject({ state: 'queued', attempts: [{ code: '99991400' }] })
    await later(5_000)
    expect((await deliveries(ticket.id))[0]).toMatchObject({ state: 'sent' })
  })
})

describe('a person who cannot be reached', () => {
  it('outside the app’s range is failed at once with the platform’s code, and the others are told', async () => {
    world.sandbox.configurePerson('carol', { availableTo: false })
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] })
    await world.drain()
    const items = await deliveries(ticket.id)
    const of = (uid: string) => items.find(({ recipient }: { recipient: string }) => recipient === uid)
    expect(of('alice').state).toBe('sent')
    expect(of('carol')).toMatchObject({ state: 'failed', attempts: [{ code: '230013' }] })
  })
})

describe('a tap', () => {
  it('whose answer is lost is decided all the same, and the card is repaired', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    world.sandbox.faults.set({ kind: 'callback-answer-lost', times: 1 })
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.outcome).toBe('failed')
    expect((await world.api.get(ticket.id)).status).toBe('approved')
    await later(10_000)
    expect(JSON.stringify(world.card('alice', ticket).card)).not.toContain('"type":"callback"')
  })

  it('that never arrives changes nothing, and works the second time', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    world.sandbox.faults.set({ kind: 'callback-lost', times: 1 })
    const { messageId } = world.card('alice', ticket)
    expect((await world.sandbox.press('alice', messageId, 'Approve')).outcome).toBe('failed')
    expect((await world.api.get(ticket.id)).status).toBe('pending')
    expect((await world.sandbox.press('alice', messageId, 'Approve')).toast?.type).toBe('success')
  })

  it.each([{ exact: false }, { exact: true }])('that arrives twice (%o) is one decision', async ({ exact }) => {
    const ticket = await world.api.submit()
    await world.drain()
    world.sandbox.faults.set({ kind: 'callback-duplicated', times: 1, exact })
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.toast?.type).toBe('success')
    expect(tap.duplicates).toHaveLength(1)
    const { history } = await world.api.get(ticket.id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })
})

describe('an update of a card', () => {
  it.each<FaultKind>(['server-error', 'dropped-answer', 'reset', 'expired-token', 'rate-limited'])(
    'comes through after %s',
    async (kind) => {
      const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] })
      await world.drain()
      world.sandbox.faults.set({ kind, method: 'PATCH', times: kind === 'expired-token' ? 1 : 2 })
      await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
      await later(10_000)
      await later(60_000)
      await later(180_000)
      expect(JSON.stringify(world.card('carol', ticket).card)).not.toContain('"type":"callback"')
    },
  )
})
