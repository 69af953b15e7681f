import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkApp } from './_world.ts'
import { createDefaultSeed } from './default-seed.ts'
import { sendCode } from './platforms/sms/_client.ts'
import { startSandbox } from './sandbox.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the sandbox', () => {
  it('answers on 127.0.0.1 and on localhost', async () => {
    await using world = await createTestWorld()
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const response = await fetch(`http://${host}:${world.sandbox.port}/_sandbox/faults`)
      expect(await response.json()).toEqual({ faults: [] })
    }
  })

  it('keeps chats, tokens, uuids and the clock over a restart', async () => {
    const dataFile = join(folder, 'data', 'sandbox.json')
    const first = await createTestWorld({ dataFile })
    await first.sandbox.advance(60_000)
    const messageId = await first.sendCard('alice', approvalCard())
    const token = await first.token()
    await first[Symbol.asyncDispose]()
    await using second = await createTestWorld({ dataFile })
    expect(second.sandbox.message(messageId)).toMatchObject({ card: approvalCard(), personId: 'alice' })
    expect(second.sandbox.now()).toBeGreaterThan(Date.now() + 59_000)
    expect(await second.call('GET', '/open-apis/bot/v3/info', undefined, token)).toMatchObject({ status: 200 })
  })

  it('keeps groups, SMS, mail and webhooks over a restart', async () => {
    const dataFile = join(folder, 'sandbox.json')
    const first = await createTestWorld({ dataFile })
    await first.sandbox.say('wang', 'pending', { group: 'db-changes' })
    await sendCode(first.sandbox)
    await fetch(first.sandbox.webhooks.url('ticket-hook'), { method: 'POST', body: '{}' })
    await first[Symbol.asyncDispose]()
    await using second = await createTestWorld({ dataFile })
    expect(second.sandbox.groups.messages('db-changes')).toHaveLength(1)
    expect(second.sandbox.sms.inbox('13800138000')).toHaveLength(1)
    expect(second.sandbox.webhooks.calls('ticket-hook')).toHaveLength(1)
  })

  it('does not start on a broken data file or a broken seed, and says why', async () => {
    const dataFile = join(folder, 'broken.json')
    writeFileSync(dataFile, '{"version":9}')
    const seed = createDefaultSeed('http://localhost:1')
    await expect(startSandbox({ port: 0, seed, dataFile })).rejects.toThrow(/not a sandbox snapshot/)
    const people = [
      ...seed.people,
      { ...seed.people[0], id: 'alice', name: 'x', platform: 'lark' as const, locale: 'en_us' },
    ]
    await expect(startSandbox({ port: 0, seed: { ...seed, people } })).rejects.toThrow(/alice twice/)
    const apps = seed.apps.map((app) => ({ ...app, appId: 'cli_short' }))
    await expect(startSandbox({ port: 0, seed: { ...seed, apps } })).rejects.toThrow(/appId/)
    await expect(startSandbox({ port: 0, seed: { ...seed, groups: [] } })).rejects.toThrow(
      /no dingtalk group db-changes/,
    )
  })

  it('wakes whoever waits, and tells what never came', async () => {
    await using world = await createTestWorld()
    const waiting = world.sandbox.waitFor((sandbox) => sandbox.chat('alice').find(({ card }) => card !== undefined))
    const messageId = await world.sendCard('alice', approvalCard())
    expect(await waiting).toMatchObject({ messageId })
    await expect(world.sandbox.waitFor((sandbox) => sandbox.chat('bob')[0], 20)).rejects.toThrow(/within 20 ms/)
    await expect(world.sandbox.waitFor((sandbox) => sandbox.message('om_x'))).rejects.toThrow(/no message om_x/)
  })

  it('starts over on reset without forgetting people and tokens', async () => {
    await using world = await createTestWorld()
    await world.sendCard('alice', approvalCard())
    world.sandbox.faults.set({ kind: 'slow' })
    world.sandbox.reset()
    expect(world.sandbox.chat('alice')).toEqual([])
    expect(world.sandbox.faults.list()).toEqual([])
    expect(await world.call('GET', '/open-apis/bot/v3/info')).toMatchObject({ status: 200 })
  })

  it('keeps the companies of one platform apart', async () => {
    const seed = createDefaultSeed('http://localhost:1')
    const stranger = {
      id: 'eve',
      name: 'Eve',
      platform: 'lark' as const,
      locale: 'en_us',
      email: 'eve@other.example',
      tenantKey: 'other',
    }
    await using world = await createTestWorld({ seed: { ...seed, people: [...seed.people, stranger] } })
    const answer = await world.call('POST', '/open-apis/contact/v3/users/batch_get_id', {
      emails: ['eve@other.example'],
    })
    expect(answer.body.data).toEqual({ user_list: [{ email: 'eve@other.example' }] })
    expect(world.sandbox.app(larkApp).tenantKey).not.toBe('other')
  })
})

describe('the control API', () => {
  it('presses, says, breaks and advances', async () => {
    const ran: string[] = []
    const actions = [{ id: 'submit', label: 'Submit', run: async () => ({ text: `run ${ran.push('x')}` }) }]
    await using world = await createTestWorld({ actions })
    const post = async (path: string, body: object) => {
      const response = await fetch(`${world.sandbox.url}/_sandbox${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: response.status === 204 ? {} : await response.json() }
    }
    const messageId = await world.sendCard('alice', approvalCard())
    expect(await post('/press', { person: 'alice', messageId, index: 0 })).toMatchObject({
      body: { outcome: 'answered' },
    })
    expect(await post('/press', { person: 'alice', messageId, button: 'nope' })).toMatchObject({ status: 422 })
    expect(await post('/press', { person: 'alice' })).toMatchObject({ status: 400 })
    expect(await post('/say', { person: 'alice', text: 'help' })).toMatchObject({ body: { state: 'delivered' } })
    expect(await post('/faults', { kind: 'slow', delayMs: 1 })).toMatchObject({ status: 201, body: { id: 'fault-1' } })
    expect(await post('/faults', { kind: 'flood' })).toMatchObject({ status: 400 })
    expect(await post('/advance', { ms: 1_000 })).toMatchObject({ body: { offsetMs: 1_000 } })
    expect(await post('/actions/submit', {})).toMatchObject({ body: { text: 'run 1' } })
    expect(await post('/actions/none', {})).toMatchObject({ status: 404 })
    expect(await post('/reset', {})).toMatchObject({ status: 204 })
    expect(world.sandbox.chat('alice')).toEqual([])
  })

  it('is closed to pages of other sites', async () => {
    await using world = await createTestWorld()
    const response = await fetch(`${world.sandbox.url}/_sandbox/reset`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    })
    expect(response.status).toBe(403)
  })
})
