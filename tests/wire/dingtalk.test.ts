import type { TicketView } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dingtalkApps, startWorld, type World } from '../_world.ts'

/* The main job on DingTalk, both editions, called over HTTP or pushed over Stream. */

const forBoth = { nodes: [{ name: 'Owners', approvers: ['wang', 'grace'], rule: 'any' as const }], submitter: 'bob' }
const forExclusive = { nodes: [{ name: 'Owners', approvers: ['sun', 'maya'], rule: 'any' as const }] }

describe.each(['http', 'stream'] as const)('over %s', (connection) => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ dingtalk: connection })
    const isReached = (appKey: string): boolean =>
      connection === 'stream'
        ? world.sandbox.dingtalk.connections(appKey).length === 1
        : world.sandbox.dingtalk.callbackRoute(appKey, `countersign-${appKey}`)?.callbackUrl ===
          `${world.url}/callbacks/dingtalk/${appKey}/card`
    await vi.waitFor(() => expect(Object.values(dingtalkApps).every(({ appKey }) => isReached(appKey))).toBe(true), {
      timeout: 10_000,
    })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const submit = async (ticket: Parameters<World['api']['submit']>[0]): Promise<TicketView> => {
    const submitted = await world.api.submit(ticket)
    await world.drain()
    return submitted
  }
  const cardOf = (uid: string) => {
    const card = world.sandbox.chat(uid).findLast((message) => message.card !== undefined)
    if (card === undefined) throw new Error(`${uid} has no card`)
    return card
  }
  const textOf = (uid: string): string => JSON.stringify(world.sandbox.dingtalk.draw(cardOf(uid).messageId))
  const statusOf = async ({ id }: TicketView): Promise<string> => (await world.api.get(id)).status

  it.each([
    ['dingtalk', forBoth, 'grace', 'wang'],
    ['dingtalkExclusive', forExclusive, 'maya', 'sun'],
  ] as const)(
    '%s: a tap on Approve decides, and the one card shows it to everybody',
    async (edition, ticket, who, other) => {
      const { appKey } = dingtalkApps[edition]
      const submitted = await submit({ title: `Read access ${edition} ${connection}`, ...ticket })
      expect(textOf(who)).toContain('Approve')
      expect(textOf(other)).toContain('同意')
      const tap = await world.sandbox.press(who, cardOf(who).messageId, 'Approve')
      expect(tap.outcome).toBe('answered')
      expect(await statusOf(submitted)).toBe('approved')
      await world.drain()
      for (const uid of [who, other]) expect(textOf(uid)).not.toMatch(/"Approve"|"同意"/)
      const { history } = await world.api.get(submitted.id)
      expect(history.at(-1)).toMatchObject({ action: 'approve', actor: who, via: `card:${edition}` })
      expect(world.sandbox.dingtalk.usage(appKey)).toBeDefined()
    },
  )

  it('costs two counted calls, whoever many are told', async () => {
    const { appKey } = dingtalkApps.dingtalk
    await submit({ title: 'To know everybody', ...forBoth })
    const before = world.sandbox.dingtalk.usage(appKey).calls
    await submit({ title: 'Two calls', ...forBoth })
    await world.sandbox.press('grace', cardOf('grace').messageId, 'Approve')
    await world.drain()
    expect(world.sandbox.dingtalk.usage(appKey).calls - before).toBe(2)
  })

  it('the server counts calls as the platform does, and tells how many are left', async () => {
    await submit({ title: 'To be counted', ...forBoth })
    const { calls } = world.sandbox.dingtalk.usage(dingtalkApps.dingtalk.appKey)
    const ready: { channels: object[] } = JSON.parse(await (await fetch(`${world.url}/readyz`)).text())
    expect(ready.channels).toContainEqual(
      expect.objectContaining({
        channel: 'dingtalk',
        quota: expect.objectContaining({ calls, of: 5_000, warning: null, saving: [] }),
      }),
    )
    expect(calls).toBeGreaterThan(1)
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain(`countersign_call_quota_used_ratio{channel="dingtalk"} ${calls / 5_000}`)
  })

  it('a rejection carries its reason', async () => {
    const ticket = await submit({ title: 'To be rejected', ...forBoth })
    const card = cardOf('grace')
    await world.sandbox.press('grace', card.messageId, 'Reject', { formValues: { reason: 'No longer needed' } })
    expect(await statusOf(ticket)).toBe('rejected')
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({
      comment: 'No longer needed',
      actor: 'grace',
    })
  })

  it('a decision in DingTalk turns the card in Lark, and one in Lark the card in DingTalk', async () => {
    const nodes = [{ name: 'Any', approvers: ['alice', 'grace'], rule: 'any' as const }]
    const first = await submit({ title: 'Decided in DingTalk', nodes })
    await world.sandbox.press('grace', cardOf('grace').messageId, 'Approve')
    await world.drain()
    expect(JSON.stringify(world.card('alice', first).card)).toContain('Approved')
    const second = await submit({ title: 'Decided in Lark', nodes })
    await world.sandbox.press('alice', world.card('alice', second).messageId, 'Approve')
    await world.drain()
    expect(textOf('grace')).toContain('Approved')
    expect(textOf('grace')).toContain('Alice Tan')
  })

  it('a ticket is approved by a word to the robot', async () => {
    const ticket = await submit({ title: 'By a word', ...forBoth })
    await world.sandbox.say('wang', `同意 ${ticket.number}`)
    await expect.poll(() => statusOf(ticket)).toBe('approved')
    await world.drain()
    const said = world.sandbox.chat('wang').findLast(({ from, msgType }) => from === 'bot' && msgType !== 'interactive')
    expect(JSON.stringify(said)).toContain('已同意')
  })
})
