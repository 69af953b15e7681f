import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runCli } from '@countersign/server'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, readOnlyKey, startWorld, type World, webhookSecret } from '../_world.ts'

/* What an engineer who feeds tickets in relies on: design of the API, its refusals, and the answer that comes back. */

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const submit = (body: unknown, headers = {}) => world.api.call('POST', '/api/v1/tickets', body, headers)
const valid = {
  module: 'perm_apply',
  title: 'Read access',
  submitter: 'bob',
  nodes: [{ name: 'Owner', approvers: ['alice'] }],
}
const paths = (answer: { body: { errors?: { path: string }[] } }): string[] =>
  (answer.body.errors ?? []).map(({ path }) => path)

describe('submitting', () => {
  it('gives the ticket with its number, node states, content hash and history', async () => {
    const { status, body } = await submit(valid)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'pending',
      currentNode: 0,
      version: 1,
      nodes: [
        { index: 0, name: 'Owner', rule: 'any', status: 'pending', approvers: [{ uid: 'alice', decision: null }] },
      ],
      history: [{ actor: 'bob', action: 'submit', via: 'api', comment: null }],
    })
    expect(body.number).toBeGreaterThanOrEqual(1001)
    expect(body.contentHash).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  it('uses the module’s template when neither template nor nodes are given', async () => {
    const { status, body } = await submit({ module: 'data_export', title: 'Export', submitter: 'bob' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ template: 'export-default', nodes: [{ name: 'Owner' }] })
  })

  it('the same external id again gives the first ticket, and 409 with another body', async () => {
    const first = await submit({ ...valid, externalId: 'x-1' })
    const again = await submit({ ...valid, externalId: 'x-1' })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.id).toBe(first.body.id)
    expect(await submit({ ...valid, externalId: 'x-1', title: 'Other' })).toMatchObject({ status: 409 })
  })

  it('the same Idempotency-Key does likewise, also ten at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(valid, { 'idempotency-key': 'once' })))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(await submit({ ...valid, title: 'Other' }, { 'idempotency-key': 'once' })).toMatchObject({ status: 409 })
  })

  it('names every bad field by its dotted path, and writes nothing', async () => {
    const before = (await world.api.call('GET', '/api/v1/tickets?limit=1')).body.items[0].number
    const answer = await submit({
      ...valid,
      module: 'Data Export',
      title: '',
      risk: 'huge',
      surprise: true,
      nodes: [{ name: 'Owner', approvers: ['alice', 7], rule: { quorum: 0 } }],
    })
    expect(answer.status).toBe(422)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(paths(answer)).toEqual(
      expect.arrayContaining(['module', 'title', 'risk', 'surprise', 'nodes.0.approvers.1', 'nodes.0.rule.quorum']),
    )
    const after = await submit(valid)
    expect(after.body.number).toBe(before + 1)
  })

  it('refuses people whom the tenant does not have', async () => {
    const answer = await submit({
      ...valid,
      submitter: 'nobody',
      cc: ['ghost'],
      nodes: [{ name: 'Owner', approvers: ['alice', 'zed'] }],
    })
    expect(answer.status).toBe(422)
    expect(paths(answer)).toEqual(expect.arrayContaining(['submitter', 'cc.0', 'nodes.0.approvers.1']))
  })

  it('refuses a node whose only approver is the submitter, and a quorum nobody can reach', async () => {
    const alone = await submit({ ...valid, nodes: [{ name: 'Self', approvers: ['bob'] }] })
    expect([alone.status, paths(alone)]).toEqual([422, ['nodes']])
    const many = await submit({ ...valid, nodes: [{ name: 'Two', approvers: ['alice', 'bob'], rule: { quorum: 2 } }] })
    expect([many.status, paths(many)]).toEqual([422, ['nodes']])
  })

  it('takes the submitter out of the people who decide', async () => {
    const { body } = await submit({ ...valid, nodes: [{ name: 'All', approvers: ['alice', 'bob'], rule: 'all' }] })
    expect(body.nodes[0].approvers).toEqual([{ uid: 'alice', decision: null }])
  })

  it('keeps its limits: title 256, description 10,000, code 64,000 characters, body 1 MB', async () => {
    expect((await submit({ ...valid, title: 'x'.repeat(256) })).status).toBe(201)
    expect(paths(await submit({ ...valid, title: 'x'.repeat(257) }))).toEqual(['title'])
    expect(paths(await submit({ ...valid, description: 'x'.repeat(10_001) }))).toEqual(['description'])
    const code = (length: number) => [{ language: 'sql', title: '', text: 'x'.repeat(length) }]
    expect((await submit({ ...valid, code: code(64_000) })).status).toBe(201)
    expect(paths(await submit({ ...valid, code: code(64_001) }))).toEqual(['code.0.text'])
    expect((await submit({ ...valid, description: 'x'.repeat(1_100_000) })).status).toBe(413)
  })

  it('takes no due time that cannot be written down again, nor NUL characters', async () => {
    for (const dueAt of ['9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00+14:00']) {
      const answer = await submit({ ...valid, dueAt })
      expect([answer.status, paths(answer)]).toEqual([422, ['dueAt']])
    }
    expect((await world.api.call('GET', '/api/v1/tickets')).status).toBe(200)
    const nul = await submit({ ...valid, nodes: [{ name: 'a\0b', approvers: ['alice'] }] })
    expect([nul.status, paths(nul)]).toEqual([422, ['nodes.0.name']])
    expect((await world.api.call('GET', '/api/v1/tickets/%00')).status).toBe(404)
    expect((await world.api.call('GET', '/api/v1/tickets?q=a%00')).status).toBe(422)
  })

  it('answers what is no JSON with 400, another media type with 415', async () => {
    expect(await submit('{"title": ')).toMatchObject({ status: 400, body: { code: 'bad_json' } })
    expect(await submit('a=b', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
    const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`
    expect((await submit(`{"title": ${deep}}`)).status).toBe(400)
  })
})

describe('the key', () => {
  it('is asked for, must be known, and must have the scope', async () => {
    const anonymous = await fetch(`${world.url}/api/v1/tickets`)
    expect(anonymous.status).toBe(401)
    expect((await createApi(world.url, 'csk_wrong_wrong_wrong').call('GET', '/api/v1/tickets')).status).toBe(401)
    const unnamed = createApi(world.url, 'csk_wrong_wrong_wrong')
    expect((await unnamed.call('POST', '/api/v1/tickets', { title: 1 })).status).toBe(401)
    expect((await unnamed.call('GET', '/api/v1/tickets?limit=none')).status).toBe(401)
    const reads = createApi(world.url, readOnlyKey)
    expect((await reads.call('POST', '/api/v1/tickets', { title: 1 })).status).toBe(403)
    expect((await reads.call('GET', '/api/v1/tickets')).status).toBe(200)
    expect(await reads.call('POST', '/api/v1/tickets', valid)).toMatchObject({
      status: 403,
      body: { code: 'missing_scope' },
    })
  })
})

describe('a ticket', () => {
  it('that is not there is 404, whatever the id looks like', async () => {
    for (const id of ['nothing', '00000000-0000-0000-0000-000000000000', '%00', "' or 1=1"]) {
      expect((await world.api.call('GET', `/api/v1/tickets/${encodeURIComponent(id)}`)).status).toBe(404)
    }
  })

  it('is listed newest first, page by page, and found by filter', async () => {
    for (const n of [1, 2, 3]) await submit({ ...valid, title: `Page test ${n}`, externalId: `page-${n}` })
    const first = await world.api.call('GET', '/api/v1/tickets?q=page%20test&limit=2')
    expect(first.body.items.map(({ title }: { title: string }) => title)).toEqual(['Page test 3', 'Page test 2'])
    const cursor = encodeURIComponent(first.body.nextCursor)
    const second = await world.api.call('GET', `/api/v1/tickets?q=page%20test&limit=2&cursor=${cursor}`)
    expect(second.body).toMatchObject({ items: [{ title: 'Page test 1' }], nextCursor: null })
    expect((await world.api.call('GET', '/api/v1/tickets?externalId=page-2')).body.items).toHaveLength(1)
    expect(paths(await world.api.call('GET', '/api/v1/tickets?status=lost&bogus=1'))).toEqual(
      expect.arrayContaining(['status', 'bogus']),
    )
    expect((await world.api.call('GET', '/api/v1/tickets?cursor=!!!')).status).toBe(422)
  })

  it('is changed with its version as guard: back to the first node, earlier approvals superseded', async () => {
    const ticket = await world.api.submit({
      nodes: [
        { name: 'One', approvers: ['alice'] },
        { name: 'Two', approvers: ['carol'] },
      ],
    })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    const { version } = await world.api.get(ticket.id)
    const stale = await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title: 'Changed', version: 1 })
    expect(stale).toMatchObject({ status: 409, body: { code: 'version_conflict' } })
    const { status, body } = await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, {
      title: 'Changed',
      version,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ title: 'Changed', currentNode: 0, status: 'pending' })
    expect(body.history.find(({ action }: { action: string }) => action === 'approve').superseded).toBe(true)
    expect((await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { submitter: 'alice' })).status).toBe(422)
  })

  it('is withdrawn once', async () => {
    const ticket = await world.api.submit()
    const withdraw = () => world.api.call('POST', `/api/v1/tickets/${ticket.id}/withdraw`, { comment: 'not needed' })
    expect(await withdraw()).toMatchObject({ status: 200, body: { status: 'withdrawn' } })
    expect(await withdraw()).toMatchObject({ status: 409, body: { code: 'ticket_closed' } })
  })

  it('reminds each approver at most once an hour', async () => {
    const ticket = await world.api.submit()
    const remind = () => world.api.call('POST', `/api/v1/tickets/${ticket.id}/remind`)
    expect(await remind()).toMatchObject({ status: 200, body: { reminded: ['alice'], tooSoon: [] } })
    const again = await remind()
    expect(again).toMatchObject({ status: 429, body: { code: 'remind_too_soon' } })
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(3_500)
  })

  it('can be commented on and waited for', async () => {
    const ticket = await world.api.submit()
    const commented = await world.api.call('POST', `/api/v1/tickets/${ticket.id}/comments`, { comment: 'See the plan' })
    expect(commented.body.history.at(-1)).toMatchObject({ action: 'comment', comment: 'See the plan', actor: 'bob' })
    const waiting = world.api.call('GET', `/api/v1/tickets/${ticket.id}/wait?timeout=30`)
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect((await waiting).body.status).toBe('approved')
    const pending = await world.api.submit()
    expect((await world.api.call('GET', `/api/v1/tickets/${pending.id}/wait?timeout=0`)).body.status).toBe('pending')
  })

  it('shows what was sent to whom', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    const { body } = await world.api.call('GET', `/api/v1/tickets/${ticket.id}/deliveries`)
    expect(body.items).toMatchObject([{ recipient: 'alice', channel: 'lark', event: 'pending', state: 'sent' }])
    expect(body.items[0].attempts).toHaveLength(1)
  })
})

describe('the decision', () => {
  it('is posted to callbackUrl, signed so that an independent library accepts it', async () => {
    const received: { headers: Record<string, string>; body: string }[] = []
    const sink = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]))
        received.push({ headers, body: Buffer.concat(chunks).toString('utf8') })
        res.end('ok')
      })
    })
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    const { port } = sink.address() as AddressInfo
    const ticket = await world.api.submit({ callbackUrl: `http://127.0.0.1:${port}/done`, externalId: 'cb-1' })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.drain()
    await new Promise((resolve) => sink.close(resolve))
    expect(received).toHaveLength(1)
    const [hook] = received
    const event = new Webhook(webhookSecret).verify(hook?.body ?? '', hook?.headers ?? {})
    expect(event).toMatchObject({
      type: 'ticket.approved',
      data: { id: ticket.id, externalId: 'cb-1', status: 'approved' },
    })
  })
})

describe('the document', () => {
  it('is OpenAPI 3.1, names every path of the REST API and none of the pages’ own', async () => {
    const answer = await fetch(`${world.url}/api/v1/openapi.json`)
    const document = (await answer.json()) as { openapi: string; paths: object }
    expect(document.openapi).toMatch(/^3\.1/)
    expect(Object.keys(document.paths)).toContain('/api/v1/tickets/{id}/deliveries')
    expect(Object.keys(document.paths).every((path) => path.startsWith('/api/v1/'))).toBe(true)
    expect((await fetch(`${world.url}/api/docs`)).status).toBe(200)
  })

  it('of the pages’ own endpoints names the roles that each is for', async () => {
    const answer = await fetch(`${world.url}/api/app/openapi.json`)
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { security: object[] }>> }
    expect(paths['/api/app/console/api-keys']?.get?.security).toEqual([{ session: ['admin'] }])
    expect(paths['/api/app/text-templates']?.put?.security).toEqual([{ session: ['admin'] }, { session: ['dba'] }])
    expect(paths['/api/app/tickets/{id}']?.get?.security).toEqual([{ session: [] }])
    expect(paths['/api/app/login/start']?.post?.security).toEqual([])
    expect(Object.keys(paths).every((path) => path.startsWith('/api/app/'))).toBe(true)
  })
})

describe('the evidence', () => {
  it('proves how a ticket was decided, and shows when somebody changed it', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'approve')
    const { status, body } = await world.api.call('GET', `/api/v1/tickets/${ticket.id}/evidence`)
    expect(status).toBe(200)
    expect(body.audit.map(({ action }: { action: string }) => action)).toEqual(['ticket.submit', 'ticket.approve'])

    const verify = async (pack: unknown): Promise<{ code: number; lines: string[] }> => {
      writeFileSync(join(world.dataDir, 'evidence.json'), JSON.stringify(pack))
      const lines: string[] = []
      const say = (line: string): void => void lines.push(line)
      const variables = { DATA_DIR: world.dataDir }
      const code = await runCli(['verify-audit', 'evidence.json'], {
        folder: world.dataDir,
        variables,
        out: say,
        complain: say,
      })
      return { code, lines }
    }
    expect(await verify(body)).toMatchObject({ code: 0, lines: [expect.stringContaining('2 entries, intact')] })

    const other = structuredClone(body)
    other.audit[1].actor = 'carol'
    expect((await verify(other)).lines.join()).toContain('was changed')
    const shorter = {
      ...body,
      audit: body.audit.slice(0, 1),
      ticket: { ...body.ticket, history: body.ticket.history.slice(0, 1) },
    }
    expect((await verify(shorter)).lines.join()).toContain('was left out')
    const rewritten = structuredClone(body)
    rewritten.ticket.history[1].action = 'reject'
    expect((await verify(rewritten)).lines.join()).toContain('no entry backs')
    expect((await verify({ hello: 1 })).code).toBe(1)
  })
})
