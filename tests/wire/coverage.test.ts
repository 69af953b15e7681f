import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn } from '../_session.ts'
import { startWorld, type World } from '../_world.ts'

/* Who would be told, and who not, as administrators and other systems ask for it, and as it comes by itself. */

const day = 24 * 60 * 60 * 1_000

let world: World
/** It is noon in Singapore, and an hour passes when a test says so. */
let at = Date.parse('2026-11-28T04:00:00Z')
beforeAll(async () => {
  world = await startWorld({
    now: () => at,
    change: ({ tenants: [tenant] }) => {
      if (tenant === undefined) throw new Error('there is no tenant')
      tenant.coverageReport = true
      tenant.users.push({ uid: 'zoe', name: 'Zoe', roles: ['user'], disabled: false, channels: {} })
      tenant.approvalTemplates.push({
        id: 'two-steps',
        module: 'nddl',
        nodes: [
          { name: 'Owner', approvers: ['alice', 'zoe'], rule: 'any' },
          { name: 'DBA', approvers: ['zoe'], rule: 'any' },
        ],
      })
    },
  })
})
afterAll(() => world[Symbol.asyncDispose]())

const zoe = {
  uid: 'zoe',
  name: 'Zoe',
  isReachable: false,
  through: [],
  problems: [{ channel: null, reason: 'not_bound', code: null, at: null }],
}

describe('coverage', () => {
  it('tells other systems who would not be told, and which step cannot be passed', async () => {
    const answer = await world.api.call('GET', '/api/v1/coverage?template=two-steps')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      module: 'nddl',
      event: 'pending',
      isOn: true,
      unreachable: 1,
      nodes: [
        { name: 'Owner', isStuck: false },
        { name: 'DBA', isStuck: true },
      ],
      people: [zoe, { uid: 'alice', isReachable: true, through: [{ channel: 'lark' }] }],
    })
  })

  it('tells it of a ticket that is being written', async () => {
    const draft = '/api/v1/coverage?module=perm_apply&submitter=bob&approvers=zoe,carol'
    const { body } = await world.api.call('GET', draft)
    expect(body.people.map(({ uid }: { uid: string }) => uid)).toEqual(['zoe', 'carol'])
  })

  it.each([
    ['', 422],
    ['?template=nope', 404],
    ['?module=perm_apply&event=nope', 422],
    ['?module=perm_apply&colour=red', 422],
    ['?module=perm_apply&approvers=a%20b', 422],
  ])('refuses %j with %i', async (query, status) => {
    expect((await world.api.call('GET', `/api/v1/coverage${query}`)).status).toBe(status)
  })

  it('is in the OpenAPI document with its query', async () => {
    const { body } = await world.api.call('GET', '/api/v1/openapi.json')
    const { parameters } = body.paths['/api/v1/coverage'].get
    expect(parameters.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      'approvers',
      'cc',
      'event',
      'module',
      'submitter',
      'template',
    ])
  })

  it('tells administrators the same, and nobody else', async () => {
    const alice = await logIn(world, 'alice')
    expect((await alice.call('GET', '/api/app/coverage?template=two-steps')).body.people[0]).toEqual(zoe)
    const bob = await logIn(world, 'bob')
    expect((await bob.call('GET', '/api/app/coverage?template=two-steps')).status).toBe(403)
  })

  it('comes to the administrators by itself, once a day, in their chat', async () => {
    const said = (): string[] =>
      world.sandbox
        .chat('alice')
        .filter(({ msgType, content }) => msgType === 'text' && content.includes('Zoe'))
        .map(({ content }) => (JSON.parse(content) as { text: string }).text)
    await world.server.context.dailyReports.runDue()
    await world.server.context.dailyReports.runDue()
    await world.drain()
    expect(said()).toEqual([
      `Acme: who cannot be told of tickets\n• Zoe: no address on any channel\n${world.url}/console/`,
    ])
    at += day
    await world.server.context.dailyReports.runDue()
    await world.drain()
    expect(said()).toHaveLength(2)
  })
})
