import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveDeliveries, TenantDelivery, WebhookDetail, WebhookView } from '@countersign/contracts'
import { runCli } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member } from '../_member.ts'
import { startWorld, type World, webhookSecret } from '../_world.ts'

/*
 * Deliveries, web hooks and the audit as the console sees them: sending once more, cancelling, replay, export; who may, and
 * who not. Alice is an administrator, Chen a DBA, Carol a security administrator, Eve an administrator of another tenant.
 */

const base = '/api/app/console'
const webhooks = [{ id: 'ticket-hook', name: 'Ticket hook', secret: webhookSecret }]

let world: World
let alice: Member
let chen: Member
let carol: Member
let bob: Member
let eve: Member

beforeAll(async () => {
  world = await startWorld({
    seed: (seed) => ({ ...seed, webhooks }),
    change(file, sandbox) {
      const [tenant] = file.tenants
      if (tenant === undefined) throw new Error('there is no tenant')
      const change = (uid: string, more: object) =>
        Object.assign(tenant.users.find((user) => user.uid === uid) ?? {}, more)
      change('carol', { roles: ['security_admin'] })
      change('dan', {
        channels: { webhook: { url: sandbox.webhooks.url('ticket-hook'), signatureKey: webhookSecret } },
      })
      const eve = {
        ...tenant.users[0],
        uid: 'eve',
        name: 'Eve',
        roles: ['admin' as const],
        email: 'eve@beta.test',
        channels: {},
      }
      const empty = { channels: {}, apiKeys: [], approvalTemplates: [], notificationRules: [] }
      file.tenants.push({ ...tenant, ...empty, id: 'beta', name: 'Beta', users: [{ disabled: false, ...eve }] })
    },
  })
  alice = await logIn(world, 'alice')
  carol = await logIn(world, 'carol')
  bob = await logIn(world, 'bob')
  chen = await logIn(world, 'chen', 'feishu')
  eve = anonymous(world)
  const link = 'a link for the tests of forty-three bytes..'
  const secretHash = createHash('sha256').update(link).digest('hex')
  const owner = { tenantId: 'beta', uid: 'eve', secretHash, expiresAt: Date.now() + 60_000 }
  await world.server.context.store.run((tx) => tx.sessions.putLink(owner))
  expect((await eve.call('POST', '/api/app/login/link', { link })).status).toBe(200)
})
afterAll(() => world[Symbol.asyncDispose]())

const list = async (query: string, who = alice): Promise<TenantDelivery[]> =>
  (await who.call('GET', `${base}/deliveries?${query}`)).body.items
const hooks = async (query: string, who = alice): Promise<WebhookView[]> =>
  (await who.call('GET', `${base}/webhooks?${query}`)).body.items
const one = async (query: string): Promise<TenantDelivery> => {
  const [delivery] = await list(query)
  if (delivery === undefined) throw new Error(`nothing is found by ${query}`)
  return delivery
}
const again = async (id: string, who = alice) =>
  (await who.call('POST', `${base}/deliveries/resend`, { ids: [id] })).body.items[0]
const cancel = async (id: string, who = alice) =>
  (await who.call('POST', `${base}/deliveries/cancel`, { ids: [id] })).body.items[0]
const looks = (uid: string) =>
  world.sandbox
    .chat(uid)
    .flatMap(({ messageId, card }) => (card === undefined ? [] : [{ messageId, text: JSON.stringify(card) }]))

describe('sending once more', () => {
  it('brings a card that failed, once the fault is mended', async () => {
    world.sandbox.configurePerson('alice', { availableTo: false })
    const ticket = await world.api.submit({ title: 'After the mending' })
    await world.drain()
    const failed = await one(`ticket=${ticket.number}&state=failed`)
    expect(failed).toMatchObject({ recipient: 'alice', recipientName: 'Alice Tan', attempts: [{ code: '230013' }] })
    world.sandbox.configurePerson('alice', { availableTo: true })
    expect(await again(failed.id)).toEqual({ id: failed.id, refusal: null, queued: failed.id })
    await world.drain()
    expect(await one(`ticket=${ticket.number}`)).toMatchObject({ state: 'sent', sending: 0 })
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect((await world.api.get(ticket.id)).status).toBe('approved')
    expect(await again(failed.id)).toMatchObject({ refusal: 'ticket_closed' })
  })

  it('replaces a card that was lost: the old one has no buttons, the new one decides, once', async () => {
    const ticket = await world.api.submit({ title: 'Lost and found' })
    await world.drain()
    const old = world.card('alice', ticket)
    const sent = await one(`ticket=${ticket.number}`)
    const { queued } = await again(sent.id, chen)
    await world.drain()
    const fresh = world.card('alice', ticket)
    expect(fresh.messageId).not.toBe(old.messageId)
    const shown = new Map(looks('alice').map(({ messageId, text }) => [messageId, text]))
    expect(shown.get(old.messageId)).toContain('the newer message is the one to use')
    expect(shown.get(old.messageId)).not.toContain('"Approve"')
    expect(shown.get(fresh.messageId)).toContain('Approve')
    await expect(world.sandbox.press('alice', old.messageId, 'Approve')).rejects.toThrow()
    expect(await one(`ticket=${ticket.number}`)).toMatchObject({ id: queued, sending: 1, state: 'sent' })
    expect(await again(sent.id)).toMatchObject({ refusal: 'replaced' })

    await world.sandbox.press('alice', fresh.messageId, 'Approve')
    await world.drain()
    const decided = await world.api.get(ticket.id)
    expect(decided.history.filter(({ action }) => action === 'approve')).toHaveLength(1)
    const [entry] = (await alice.call('GET', `${base}/audit?action=delivery.`)).body.items
    expect(entry).toMatchObject({
      ...{ actor: { uid: 'chen' }, action: 'delivery.resend', target: `delivery:${sent.id}` },
      detail: { recipient: 'alice', channel: 'lark', ticket: ticket.number, way: 'anew', queued },
    })
  })
})

describe('cancelling', () => {
  it('ends what waits for its next try, and the receiver is not called again', async () => {
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 503 }, 1)
    const ticket = await world.api.submit({ title: 'Not that', nodes: [{ name: 'Owner', approvers: ['dan'] }] })
    await world.drain()
    const waiting = await one(`ticket=${ticket.number}&state=queued`)
    const calls = world.sandbox.webhooks.calls('ticket-hook').length
    expect(await cancel(waiting.id)).toEqual({ id: waiting.id, refusal: null })
    expect(await cancel(waiting.id)).toEqual({ id: waiting.id, refusal: 'not_queued' })
    await world.drain()
    expect(world.sandbox.webhooks.calls('ticket-hook')).toHaveLength(calls)
    const after = await one(`ticket=${ticket.number}`)
    expect(after).toMatchObject({ state: 'suppressed', nextAttemptAt: null })
    expect(after.attempts.at(-1)).toMatchObject({ code: 'cancelled', message: 'by alice' })
  })

  it('comes too late once the platform has been asked', async () => {
    world.sandbox.faults.set({ kind: 'slow', platform: 'lark', path: '/im/v1/messages', delayMs: 1_500, times: 1 })
    const ticket = await world.api.submit({ title: 'On its way' })
    let found = await one(`ticket=${ticket.number}`)
    while (found.state === 'queued') found = await one(`ticket=${ticket.number}`)
    expect(await cancel(found.id)).toEqual({ id: found.id, refusal: 'under_way' })
    await world.drain()
    expect(await one(`ticket=${ticket.number}`)).toMatchObject({ state: 'sent' })
    expect(await cancel(found.id)).toEqual({ id: found.id, refusal: 'not_queued' })
  })
})

describe('the list', () => {
  it('is live by a tag: nothing comes while nothing changes, and what is followed comes by its id', async () => {
    const ticket = await world.api.submit({ title: 'Watched' })
    await world.drain()
    const filter = `ticket=${ticket.number}`
    const live = async (query: string): Promise<LiveDeliveries> =>
      (await carol.call('GET', `${base}/deliveries-live?${query}`)).body
    const first = await live(filter)
    expect(first.newest).toMatchObject([{ state: 'sent' }])
    expect(await live(`${filter}&known=${first.tag}`)).toEqual({ tag: first.tag, newest: null, others: null })
    const { id } = await one(filter)
    await again(id)
    const next = await live(`${filter}&state=queued&ids=${id}&known=${first.tag}`)
    expect(next.tag).not.toBe(first.tag)
    expect(next.others).toMatchObject([{ id }])
    await world.drain()
    const { count } = (await carol.call('GET', `${base}/deliveries-count?${filter}`)).body
    expect(count).toBe(2)
  })
})

describe('a web hook', () => {
  it('is replayed under its own id, signed anew, and the receiver takes it for a repetition', async () => {
    const calls = () => world.sandbox.webhooks.calls('ticket-hook')
    const before = calls().length
    const callbackUrl = `${world.sandbox.webhooks.url('ticket-hook')}?token=not-for-the-log`
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 410 }, 1)
    const ticket = await world.api.submit({ title: 'Told twice', callbackUrl })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.drain()
    const [failed] = await hooks(`ticket=${ticket.number}&state=failed`)
    expect(failed).toMatchObject({
      ...{ channel: 'callback', event: 'approved', host: new URL(callbackUrl).host, nextAttemptAt: null },
      attempts: [{ code: '410', tookMs: expect.any(Number), bodyDigest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    })
    const id = failed?.id ?? ''
    const { body } = await chen.call('POST', `${base}/webhooks/replay`, { ids: [id] })
    expect(body.items).toEqual([{ id, refusal: null, queued: id }])
    await world.drain()
    const [first, second] = calls().slice(before)
    expect(first?.headers['webhook-id']).toBe(id)
    expect(second).toMatchObject({ headers: { 'webhook-id': id }, isRepeat: true, standard: { state: 'valid' } })
    const detail: WebhookDetail = (await alice.call('GET', `${base}/webhooks/${id}`)).body
    expect(detail).toMatchObject({ state: 'sent', webhookId: id, attempts: [{ code: '410' }, { code: '200' }] })
    expect(detail.bodies).toHaveLength(1)
    expect(JSON.parse(detail.bodies?.[0]?.body ?? '')).toMatchObject({
      type: 'ticket.approved',
      data: { id: ticket.id },
    })
    expect(JSON.stringify(detail)).not.toContain('not-for-the-log')
    // What has arrived can be replayed, too.
    expect((await alice.call('POST', `${base}/webhooks/replay`, { ids: [id] })).body.items).toMatchObject([
      { refusal: null },
    ])
    await world.drain()
    const { items } = (await alice.call('GET', `${base}/audit?action=webhook.&target=delivery:${id}`)).body
    expect(items.map(({ actor }: { actor: { uid: string } }) => actor.uid)).toEqual(['alice', 'chen'])
  })

  it('of a person is replayed likewise; a card is none', async () => {
    const ticket = await world.api.submit({ title: 'Hooked', nodes: [{ name: 'Owner', approvers: ['dan', 'alice'] }] })
    await world.drain()
    const [hook] = await hooks(`ticket=${ticket.number}`)
    expect(hook).toMatchObject({ channel: 'webhook', recipient: 'dan', state: 'sent' })
    expect(hook?.host).toBe(new URL(world.sandbox.webhooks.url('ticket-hook')).host)
    const card = await one(`ticket=${ticket.number}&channel=lark`)
    const { body } = await alice.call('POST', `${base}/webhooks/replay`, { ids: [hook?.id ?? '', card.id] })
    expect(body.items).toMatchObject([{ refusal: null }, { refusal: 'not_found' }])
    await world.drain()
    const own = world.sandbox.webhooks
      .calls('ticket-hook')
      .filter(({ headers }) => headers['webhook-id'] === hook?.webhookId)
    expect(own.map(({ isRepeat, standard }) => [isRepeat, standard.state])).toEqual([
      [false, 'valid'],
      [true, 'valid'],
    ])
  })
})

describe('the audit as a file', () => {
  const file = async (query: string, who = carol): Promise<{ status: number; text: string; headers: Headers }> => {
    const answer = await who.call('GET', `${base}/audit-export?${query}`, undefined, { isText: true })
    return { status: answer.status, text: answer.text, headers: answer.headers }
  }
  const verify = async (text: string) => {
    writeFileSync(join(world.dataDir, 'audit.jsonl'), text)
    const lines: string[] = []
    const say = (line: string): void => void lines.push(line)
    const variables = { DATA_DIR: world.dataDir }
    const code = await runCli(['verify-audit', 'audit.jsonl'], {
      folder: world.dataDir,
      variables,
      out: say,
      complain: say,
    })
    return { code, said: lines.join('\n') }
  }

  it('holds the export itself, is found intact by the command line, and a changed line is named', async () => {
    const { status, text, headers } = await file('format=jsonl')
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-acme-\d{4}-\d\d-\d\d\.jsonl"$/)
    const lines = text.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ actor: 'carol', action: 'audit.export' })
    expect(await verify(text)).toMatchObject({ code: 0, said: expect.stringContaining('intact') })
    const place = lines.findIndex((line) => line.includes('ticket.approve'))
    const forged = lines.with(place, lines[place]?.replace('"alice"', '"bob"') ?? '').join('\n')
    expect(await verify(`${forged}\n`)).toMatchObject({
      code: 1,
      said: expect.stringContaining(`line ${place + 1}: entry`),
    })
    expect(await verify(lines.slice(0, -3).join('\n'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('cut off'),
    })
  })

  it('holds what the filters find, as JSON Lines and as CSV', async () => {
    const from = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())
    const filtered = await file(`format=jsonl&action=delivery.&actor=chen&from=${from}`)
    const entries = filtered.text
      .trimEnd()
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line))
    expect(new Set(entries.map(({ action, actor }) => `${actor} ${action}`))).toEqual(new Set(['chen delivery.resend']))
    expect(await verify(filtered.text)).toMatchObject({ code: 0 })
    const csv = await file('format=csv&action=ticket.', alice)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.text).toMatch(/^\uFEFF?seq,at,actor,action,target,detail,prevMac,mac\r\n/)
    expect(csv.text).toMatch(/alice,export\.end,/)
  })

  it('is begun by our own pages only, and the evidence of a ticket can be checked', async () => {
    const foreign = await carol.call('GET', `${base}/audit-export?format=csv`, undefined, {
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'csrf'])
    const ticket = await world.api.submit({ title: 'Proven' })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    const { status, body } = await carol.call('POST', `${base}/tickets/${ticket.id}/evidence`)
    expect([status, body.format]).toEqual([200, 'countersign-evidence/1'])
    writeFileSync(join(world.dataDir, 'evidence.json'), JSON.stringify(body))
    const quiet = { out: () => undefined, complain: () => undefined }
    const variables = { DATA_DIR: world.dataDir }
    expect(await runCli(['verify-audit', 'evidence.json'], { folder: world.dataDir, variables, ...quiet })).toBe(0)
  })
})

describe('who may', () => {
  it.each([
    ['GET', 'deliveries', 200, 200, 200, 403],
    ['GET', 'deliveries-live', 200, 200, 200, 403],
    ['GET', 'deliveries-count', 200, 200, 200, 403],
    ['POST', 'deliveries/resend', 200, 200, 403, 403],
    ['POST', 'deliveries/cancel', 200, 200, 403, 403],
    ['GET', 'webhooks', 200, 200, 403, 403],
    ['GET', 'webhooks/none', 404, 404, 403, 403],
    ['POST', 'webhooks/replay', 200, 200, 403, 403],
    ['GET', 'audit-export?format=csv', 200, 403, 200, 403],
    ['POST', 'tickets/none/evidence', 404, 403, 404, 403],
  ] as const)(
    '%s %s: administrator %i, DBA %i, security administrator %i, others %i',
    async (method, path, ...wanted) => {
      const body = method === 'POST' ? { ids: ['none'] } : undefined
      const got: number[] = []
      for (const who of [alice, chen, carol, bob]) {
        const isText = path.startsWith('audit-export')
        got.push((await who.call(method, `${base}/${path}`, body, { isText })).status)
      }
      expect(got).toEqual(wanted)
      expect((await anonymous(world).call(method, `${base}/${path}`, body)).status).toBe(401)
      if (method === 'POST') {
        expect((await alice.call(method, `${base}/${path}`, body, { isForeign: true })).body.code).toBe('csrf')
      }
    },
  )

  it('nobody of another tenant sees any of it, or can do anything about it', async () => {
    const delivery = await one('state=sent')
    const [hook] = await hooks('state=sent')
    expect(await list('', eve)).toEqual([])
    expect(await hooks('', eve)).toEqual([])
    expect((await eve.call('GET', `${base}/deliveries-live?ids=${delivery.id}`)).body).toMatchObject({
      newest: [],
      others: [],
    })
    expect(await again(delivery.id, eve)).toMatchObject({ refusal: 'not_found' })
    expect(await cancel(delivery.id, eve)).toMatchObject({ refusal: 'not_found' })
    expect((await eve.call('GET', `${base}/webhooks/${hook?.id}`)).status).toBe(404)
    const { body } = await eve.call('POST', `${base}/webhooks/replay`, { ids: [hook?.id ?? ''] })
    expect(body.items).toMatchObject([{ refusal: 'not_found' }])
    expect((await eve.call('POST', `${base}/tickets/${delivery.ticket?.id}/evidence`)).status).toBe(404)
    const own = (await eve.call('GET', `${base}/audit-export?format=jsonl`, undefined, { isText: true })).text
    expect(own).toContain('"tenant":"beta"')
    expect(own).not.toMatch(/alice|chen|ticket:/)
  })

  it('no more than fifty at once, and nothing unknown', async () => {
    const many = Array.from({ length: 51 }, (_, n) => `id-${n}`)
    expect((await alice.call('POST', `${base}/deliveries/resend`, { ids: many })).status).toBe(422)
    expect((await alice.call('POST', `${base}/deliveries/cancel`, { ids: [] })).status).toBe(422)
    expect((await alice.call('GET', `${base}/deliveries?ticket=a%20b`)).status).toBe(422)
    expect((await alice.call('GET', `${base}/audit-export?format=pdf`)).status).toBe(422)
  })
})
