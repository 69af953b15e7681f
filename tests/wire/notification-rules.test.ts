import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn, type Visitor } from '../_log-in.ts'
import { startWorld, type World } from '../_world.ts'

/* An administrator says who is told of what, and the next ticket goes by it. */

let world: World
let admin: Visitor
beforeAll(async () => {
  world = await startWorld({
    change(file) {
      const rule = { module: 'nddl', event: 'pending', enabled: false, roles: [], additionalUsers: [] } as const
      file.tenants[0]?.notificationRules.push({ ...rule, roles: [], additionalUsers: [] })
    },
  })
  admin = await logIn(world, 'alice')
})
afterAll(() => world[Symbol.asyncDispose]())

const path = '/api/app/notification-rules'
const everything = { enabled: true, channels: null, roles: [], additionalUsers: [] }

async function ruleOf(module: string, event: string) {
  const { body } = await admin.call('GET', path)
  return body.items.find((each: { module: string; event: string }) => each.module === module && each.event === event)
}

describe('the rules of a tenant', () => {
  it('are those of every module of DMS and of every module that was used, the default unless something was said', async () => {
    await world.api.submit({ module: 'budget' })
    const { status, body } = await admin.call('GET', path)
    expect(status).toBe(200)
    const modules = new Set(body.items.map(({ module }: { module: string }) => module))
    expect([...modules]).toEqual(expect.arrayContaining(['data_export', 'perm_apply', 'sql_review', 'budget']))
    expect(body.items).toHaveLength(modules.size * 7)
    expect(body.channels).toEqual(expect.arrayContaining([{ channel: 'lark', enabled: true }]))
    const standard = { enabled: true, channels: null, roles: [], additionalUsers: [], source: 'default' }
    expect(await ruleOf('budget', 'pending')).toMatchObject({ ...standard, defaultRole: 'approvers' })
    expect(await ruleOf('budget', 'changed')).toMatchObject({ ...standard, defaultRole: 'approvers' })
    expect(await ruleOf('budget', 'rejected')).toMatchObject({ ...standard, defaultRole: 'submitter' })
    expect(await ruleOf('nddl', 'pending')).toMatchObject({ enabled: false, source: 'provisioned' })
  })

  it('are for administrators and DBAs', async () => {
    const dba = await logIn(world, 'chen', 'feishu')
    expect((await dba.call('GET', path)).status).toBe(200)
    const other = await logIn(world, 'bob')
    for (const [method, where, body] of [
      ['GET', path, undefined],
      ['PUT', `${path}/perm_apply/pending`, everything],
      ['DELETE', `${path}/perm_apply/pending`, undefined],
    ] as const) {
      expect(await other.call(method, where, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    expect((await fetch(`${world.url}${path}`)).status).toBe(401)
  })

  it('of the provisioning file are changed there', async () => {
    for (const [method, body] of [
      ['PUT', everything],
      ['DELETE', undefined],
    ] as const) {
      const answer = await admin.call(method, `${path}/nddl/pending`, body)
      expect(answer).toMatchObject({ status: 409, body: { code: 'provisioned' } })
      expect(answer.body.detail).toContain('provisioning file')
    }
  })

  it('name what is wrong, and nothing is changed by it', async () => {
    const answer = await admin.call('PUT', `${path}/perm_apply/pending`, {
      ...everything,
      channels: ['lark', 'sms'],
      additionalUsers: ['dan', 'nobody'],
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { path: 'channels.1', message: 'must be a channel of the tenant' },
      { path: 'additionalUsers.1', message: 'no person of this tenant has the uid nobody' },
    ])
    const repeated = await admin.call('PUT', `${path}/perm_apply/pending`, {
      ...everything,
      roles: ['dba', 'dba'],
      x: 1,
    })
    expect(repeated.status).toBe(422)
    expect(repeated.body.errors.map((error: { path: string }) => error.path)).toEqual(['roles', 'x'])
    expect((await admin.call('PUT', `${path}/perm_apply/sunrise`, everything)).status).toBe(404)
    expect((await admin.call('PUT', `${path}/Perm-Apply/pending`, everything)).status).toBe(404)
    expect(await ruleOf('perm_apply', 'pending')).toMatchObject({ source: 'default' })
  })
})

describe('a changed rule', () => {
  it('tells the people it names by role and by name, and the log says for whom it was meant and whom it reached', async () => {
    const rule = {
      ...everything,
      channels: ['lark'],
      roles: ['related', 'data_owner', 'dba'],
      additionalUsers: ['dan'],
    }
    const { status, body } = await admin.call('PUT', `${path}/owner_apply/pending`, rule)
    expect(status).toBe(200)
    expect(body).toMatchObject({ module: 'owner_apply', event: 'pending', source: 'custom', channels: ['lark'] })
    expect((await ruleOf('owner_apply', 'pending')).additionalPeople).toEqual([{ uid: 'dan', name: 'Dan Lim' }])
    const ticket = await world.api.submit({ module: 'owner_apply', cc: ['carol'], owners: ['mallory'] })
    await world.drain()
    for (const uid of ['alice', 'carol', 'mallory', 'dan']) expect(world.card(uid, ticket).messageId).toBeDefined()
    const deliveries = await world.api.call('GET', `/api/v1/tickets/${ticket.id}/deliveries`)
    const asked = deliveries.body.notices.find(({ event }: { event: string }) => event === 'pending')
    expect(asked).toMatchObject({
      intended: ['alice', 'carol', 'chen', 'dan', 'mallory'],
      reached: ['alice', 'carol', 'dan', 'mallory'],
    })
    expect(deliveries.body.items).toContainEqual(
      expect.objectContaining({
        recipient: 'chen',
        state: 'failed',
        waitsFor: null,
        attempts: [expect.objectContaining({ code: 'no_channel' })],
      }),
    )
  })

  it('tells nobody once it is switched off, and everybody again after a reset', async () => {
    await admin.call('PUT', `${path}/proxy_apply/pending`, { ...everything, enabled: false })
    const silent = await world.api.submit({ module: 'proxy_apply' })
    await world.drain()
    expect(() => world.card('alice', silent)).toThrow(/no card/)
    const { body } = await world.api.call('GET', `/api/v1/tickets/${silent.id}/deliveries`)
    expect(body.items).toMatchObject([{ recipient: 'alice', state: 'suppressed', attempts: [{ code: 'rule_off' }] }])
    expect(body.notices).toMatchObject([{ intended: ['alice'], reached: [] }])
    const reset = await admin.call('DELETE', `${path}/proxy_apply/pending`)
    expect(reset).toMatchObject({ status: 200, body: { enabled: true, source: 'default' } })
    const heard = await world.api.submit({ module: 'proxy_apply' })
    await world.drain()
    expect(world.card('alice', heard).messageId).toBeDefined()
  })

  it('is in the audit, with what it was before', async () => {
    await admin.call('PUT', `${path}/generate/approved`, { ...everything, roles: ['admin'] })
    await admin.call('DELETE', `${path}/generate/approved`)
    await admin.call('DELETE', `${path}/generate/approved`)
    const { body } = await admin.call('GET', '/api/app/console/audit?target=notification_rule:generate/approved')
    const said = JSON.stringify({ enabled: true, channels: null, roles: ['admin'], additionalUsers: [] })
    expect(body.items.map(({ action, detail }: { action: string; detail: unknown }) => ({ action, detail }))).toEqual([
      { action: 'notification_rule.reset', detail: { before: said, after: 'default' } },
      { action: 'notification_rule.set', detail: { before: 'default', after: said } },
    ])
  })
})

describe('an owner of the data', () => {
  it('must be a person of the tenant, may read the ticket, and is no part of what was approved', async () => {
    const wrong = await world.api.call('POST', '/api/v1/tickets', {
      ...{ module: 'perm_apply', title: 'Read access', submitter: 'bob' },
      nodes: [{ name: 'Owner', approvers: ['alice'] }],
      owners: ['carol', 'nobody'],
    })
    expect(wrong.body.errors).toMatchObject([{ path: 'owners.1' }])
    const ticket = await world.api.submit({ owners: ['carol'] })
    const bare = await world.api.submit({})
    expect([ticket.owners, bare.owners]).toEqual([['carol'], []])
    expect(ticket.contentHash).toBe(bare.contentHash)
    const carol = await logIn(world, 'carol')
    expect((await carol.call('GET', `/api/app/tickets/${bare.id}`)).status).toBe(404)
    expect((await carol.call('GET', `/api/app/tickets/${ticket.id}`)).body).toMatchObject({
      owners: [{ uid: 'carol', name: 'Carol Ng' }],
    })
    const list = await carol.call('GET', '/api/app/tickets?tab=cc')
    expect(list.body.items.map(({ id }: { id: string }) => id)).toContain(ticket.id)
    const changed = await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { owners: ['dan'] })
    expect(changed.body).toMatchObject({ owners: ['dan'], contentHash: ticket.contentHash })
    expect((await carol.call('GET', `/api/app/tickets/${ticket.id}`)).status).toBe(404)
  })
})
