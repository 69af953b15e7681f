import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '#server/channels/retry-after.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { HandClock, hour, minute, second, seedTenant, submitTicket, tap, testWorker } from '#server/delivery/_world.ts'
import { withdraw } from '#server/tickets/lifecycle.ts'

const secretBytes = Buffer.alloc(24, 9)
const webhookSecret = `whsec_${secretBytes.toString('base64')}`
const people = [
  { uid: 'alice', channels: [] },
  { uid: 'bob', channels: [] },
]

interface Received {
  headers: IncomingHttpHeaders
  body: string
}
interface Answer {
  status: number
  headers?: Record<string, string>
}

/** The ticket's source: a real HTTP server that keeps what it was told. */
async function source(...answers: Answer[]) {
  const received: Received[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      received.push({ headers: req.headers, body: Buffer.concat(chunks).toString() })
      const { status, headers = {} } = answers.shift() ?? { status: 204 }
      res.writeHead(status, headers).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/done`,
    host: `127.0.0.1:${address.port}`,
    received,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

async function callbackOf(database: TestDatabase, ticketId: string) {
  const all = await database.stores.notices.deliveries('acme', ticketId)
  const found = all.find(({ channel }) => channel === 'callback')
  if (found === undefined) throw new Error('no callback was queued')
  return { ...found, codes: found.attempts.map(({ code }) => code) }
}

onEveryEngine((engine) => {
  it('tells the source how the ticket ended, signed with the secret of its API key', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true, webhookSecret })
    await using receiver = await source()
    // The oracle below compares with the real time.
    const clock = new HandClock(Date.now())
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, {
      callbackUrl: receiver.url,
      description: 'a long story',
      code: [{ language: 'sql', title: 'x', text: 'select 1' }],
      fields: [{ label: 'Database', value: 'orders' }],
    })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    const [call] = receiver.received
    if (call === undefined) throw new Error('nothing was received')
    const { id, state, codes, recipient } = await callbackOf(database, ticket.id)
    expect({ state, codes, recipient }).toEqual({ state: 'sent', codes: ['204'], recipient: receiver.host })
    expect(call.headers).toMatchObject({
      'webhook-id': id,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    })
    const told = new Webhook(webhookSecret).verify(call.body, flat(call.headers))
    expect(told).toMatchObject({
      type: 'ticket.approved',
      timestamp: new Date(clock.at).toISOString(),
      data: {
        id: ticket.id,
        number: ticket.number,
        status: 'approved',
        contentHash: ticket.contentHash,
        fields: [{ label: 'Database', value: 'orders' }],
        nodes: [{ approvers: [{ uid: 'alice', decision: 'approve' }] }],
        omitted: [],
      },
    })
    expect(call.body).not.toMatch(/a long story|select 1/)
    const stamp = call.headers['webhook-timestamp']
    const mac = createHmac('sha256', secretBytes).update(`${id}.${stamp}.${call.body}`).digest('base64')
    expect(call.headers['webhook-signature']).toBe(`v1,${mac}`)
  })

  it('keeps the id over retries and renews the time', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true, webhookSecret })
    await using receiver = await source(
      { status: 500 },
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { status: 404 },
    )
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, { callbackUrl: receiver.url })
    await tap(database.store, ticket, 'alice', 'reject', clock.at)
    for (const wait of [0, 5 * second, 5 * minute, 30 * minute]) {
      clock.advance(wait)
      await worker.drain()
    }
    const { state, codes } = await callbackOf(database, ticket.id)
    expect({ state, codes }).toEqual({ state: 'sent', codes: ['500', '302', '404', '204'] })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-signature'])).size).toBe(4)
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'ticket.rejected' })
  })

  it('stops at 410, and after three days of failures', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true })
    await using gone = await source({ status: 410 })
    await using broken = await source(...Array.from({ length: 20 }, () => ({ status: 503 })))
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const first = await submitTicket(database.store, clock.at, { callbackUrl: gone.url })
    const other = await submitTicket(database.store, clock.at, { callbackUrl: broken.url })
    for (const ticket of [first, other]) {
      await database.store.run((tx) =>
        withdraw(tx, { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at, comment: null }),
      )
    }
    for (let n = 0; n < 5 * 24; n += 1) {
      await worker.drain()
      clock.advance(hour)
    }
    expect(await callbackOf(database, first.id)).toMatchObject({ state: 'failed', codes: ['410'], event: 'withdrawn' })
    expect(await callbackOf(database, other.id)).toMatchObject({ state: 'failed', dueAt: null })
    expect(broken.received).toHaveLength(10)
  })

  it('waits as long as the receiver asks', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true })
    await using receiver = await source({ status: 429, headers: { 'retry-after': '600' } })
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, { callbackUrl: receiver.url })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    clock.advance(10 * minute - 1)
    await worker.drain()
    expect(receiver.received).toHaveLength(1)
    clock.advance(1)
    await worker.drain()
    expect(await callbackOf(database, ticket.id)).toMatchObject({ state: 'sent', codes: ['429', '204'] })
  })

  it('is sent without a signature when the API key has no secret', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true })
    await using receiver = await source()
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, { callbackUrl: receiver.url })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    expect(receiver.received[0]?.headers).toHaveProperty('webhook-id')
    expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature')
  })

  it('never calls into a private network unless the tenant allows it', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, webhookSecret })
    await using receiver = await source()
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, { callbackUrl: receiver.url })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    expect(receiver.received).toEqual([])
    expect(await callbackOf(database, ticket.id)).toMatchObject({ state: 'failed', codes: ['address_not_allowed'] })
  })

  it('does not tell whoever chose the address why it could not be reached', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true })
    const url = await (async () => {
      await using closed = await source()
      return closed.url
    })()
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, { callbackUrl: url })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    const { attempts, state } = await callbackOf(database, ticket.id)
    expect(state).toBe('queued')
    expect(attempts).toEqual([
      { at: clock.at, code: 'no_answer', message: 'no connection could be made, or no answer came in time' },
    ])
  })

  it('keeps a huge ticket below 20 KB and says what is left out', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people, allowPrivateNetworks: true })
    await using receiver = await source()
    const clock = new HandClock()
    await using worker = await testWorker({ store: database.store, channels: [], clock })
    const ticket = await submitTicket(database.store, clock.at, {
      callbackUrl: receiver.url,
      title: '审批'.repeat(128),
      fields: Array.from({ length: 50 }, (_, n) => ({ label: `Field ${n}`, value: '值'.repeat(4_000) })),
      attachments: Array.from({ length: 20 }, (_, n) => ({
        name: `${n}.pdf`,
        url: `https://files.example/${'x'.repeat(1_900)}`,
      })),
    })
    await tap(database.store, ticket, 'alice', 'approve', clock.at)
    await worker.drain()
    const body = receiver.received[0]?.body ?? ''
    expect(Buffer.byteLength(body)).toBeLessThan(20_000)
    expect(JSON.parse(body).data).toMatchObject({
      omitted: ['fields', 'attachments'],
      nodes: [{ name: 'DBA' }],
      history: expect.any(Array),
    })
  })
})

describe('Retry-After', () => {
  it('is read in seconds and as a date', () => {
    const now = Date.parse('2026-11-02T09:00:00Z')
    expect(retryAfterMs('120', now)).toBe(120_000)
    expect(retryAfterMs('Mon, 02 Nov 2026 09:01:00 GMT', now)).toBe(60_000)
    expect(retryAfterMs('Mon, 02 Nov 2026 08:00:00 GMT', now)).toBe(0)
    for (const nonsense of [null, '', 'soon', '-5', '1e9', '99999999999'])
      expect(retryAfterMs(nonsense, now)).toBeNull()
  })
})

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
