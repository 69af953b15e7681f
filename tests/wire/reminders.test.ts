import { afterEach, beforeEach, expect, it } from 'vitest'
import { apps, startWorld, type World } from '../_world.ts'

/* A ladder of reminders against the platform: the last step is an urgent message about the card that is there. */

const hour = 3_600_000
let world: World
let ahead = 0

beforeEach(async () => {
  ahead = 0
  world = await startWorld({
    now: () => Date.now() + ahead,
    change(file) {
      for (const tenant of file.tenants) tenant.reminders = [{ after: 'PT2H', buzz: true }]
    },
  })
})
afterEach(() => world[Symbol.asyncDispose]())

async function later(ms: number): Promise<void> {
  ahead += ms
  await world.drain()
}
const deliveries = async (id: string) => (await world.api.call('GET', `/api/v1/tickets/${id}/deliveries`)).body.items

it('waits visibly, and makes the card of who has not decided urgent', async () => {
  const ticket = await world.api.submit({ nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' }] })
  await world.drain()
  const [, , reminder] = await deliveries(ticket.id)
  expect(reminder).toMatchObject({ event: 'reminded', state: 'queued', waitsFor: 'ladder', attempts: [] })
  expect(Date.parse(reminder.nextAttemptAt) - Date.parse(ticket.createdAt)).toBe(2 * hour)
  const card = world.card('carol', ticket)
  await world.sandbox.press('carol', card.messageId, 'approve')
  await later(2 * hour)
  expect([world.card('alice', ticket).buzzed, world.card('carol', ticket).buzzed]).toEqual([true, undefined])
  expect(world.sandbox.chat('alice')).toHaveLength(1)
  const reminders = (await deliveries(ticket.id)).filter(({ event }: { event: string }) => event === 'reminded')
  expect(reminders).toMatchObject([
    { recipient: 'alice', state: 'sent', waitsFor: null, attempts: [{ code: '0' }] },
    { recipient: 'carol', state: 'suppressed', attempts: [{ code: 'superseded' }] },
  ])
  const { history } = await world.api.get(ticket.id)
  expect(history.map(({ action }) => action)).toEqual(['submit', 'approve'])
})

it('is a plain reminder where the app may not, and says so', async () => {
  const app = world.sandbox.app(apps.lark.appId)
  const scopes = app.scopes.filter((scope) => scope !== 'im:message.urgent')
  world.sandbox.configureApp(apps.lark.appId, { scopes })
  const ticket = await world.api.submit()
  await world.drain()
  await later(2 * hour)
  expect(world.sandbox.chat('alice').map(({ buzzed }) => buzzed)).toEqual([undefined, undefined])
  const [, reminder] = await deliveries(ticket.id)
  expect(reminder).toMatchObject({ event: 'reminded', state: 'sent', attempts: [{ code: '0' }] })
  expect(reminder.attempts[0].message).toContain('a plain reminder: the urgent message was refused (99991672')
})
