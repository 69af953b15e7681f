import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TicketView } from '@countersign/contracts'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { startServer } from '@countersign/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres } from '../_postgres.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import { connect, createApi, findCard, provisioning, sandboxSeed } from '../_world.ts'

/* Two instances of the same host share one PostgreSQL: what one begins the other may finish, and nothing happens twice. */

const secretKey = Buffer.from('thirty-two bytes for two servers').toString('base64')

let postgres: Awaited<ReturnType<typeof startPostgres>>
let sandbox: Sandbox
let folder: string
let instances: Awaited<ReturnType<typeof startServer>>[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-two-'))
  postgres = await startPostgres()
  sandbox = await startSandbox({ port: 0, host: 'localhost', seed: sandboxSeed() })
  const file = writeProvisioning(folder, provisioning(sandbox))
  const start = (port: string) =>
    startServer({
      folder,
      variables: {
        PORT: port,
        DATA_DIR: folder,
        DATABASE_URL: postgres.url,
        SECRET_KEY: secretKey,
        PROVISIONING_FILE: file,
        LOG_LEVEL: 'fatal',
      },
    })
  // Both at once on an empty database: one migrates, the other waits.
  instances = await Promise.all([start('0'), start('0')])
  connect(sandbox, instances[0]?.url ?? '')
})
afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await sandbox.close()
  await postgres[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const [first, second] = [0, 1].map((index) => () => instances[index] as (typeof instances)[number])
const api = (which = first) => createApi((which ?? first)?.().url ?? '')
const drainBoth = () => Promise.all(instances.map((instance) => instance.drain()))
const cards = (uid: string, { id }: TicketView) =>
  sandbox.chat(uid).filter((message) => JSON.stringify(message.card ?? '').includes(id))

it('sends every card once, however many instances work at it', async () => {
  const tickets: TicketView[] = []
  for (let n = 0; n < 6; n += 1) {
    const ticket = { title: `Shared ${n}`, nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] }
    tickets.push(...(await Promise.all([first, second].map((which) => api(which).submit(ticket)))))
  }
  await sandbox.waitFor(
    () => tickets.every((ticket) => cards('alice', ticket).length > 0 && cards('carol', ticket).length > 0),
    30_000,
  )
  await drainBoth()
  for (const ticket of tickets) expect([cards('alice', ticket).length, cards('carol', ticket).length]).toEqual([1, 1])
})

it('takes a tap at either instance, and one decision when both are tapped at once', async () => {
  const ticket = await api(first).submit({ nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] })
  await sandbox.waitFor(() => cards('alice', ticket).length + cards('carol', ticket).length === 2, 30_000)
  const tapAt = async (which: typeof first, uid: string) => {
    connect(sandbox, which?.().url ?? '')
    return sandbox.press(uid, findCard(sandbox, uid, ticket).messageId, 'approve')
  }
  const [a, b] = await Promise.all([tapAt(first, 'alice'), tapAt(second, 'carol')])
  expect([a.toast?.type, b.toast?.type].filter((type) => type === 'success')).toHaveLength(1)
  const { history } = await api(second).get(ticket.id)
  expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
})

it('refuses at one instance the exact replay of a tap that the other has taken', async () => {
  const ticket = await api(first).submit()
  await sandbox.waitFor(() => cards('alice', ticket).length === 1, 30_000)
  connect(sandbox, first?.().url ?? '')
  const tap = await sandbox.press('alice', findCard(sandbox, 'alice', ticket).messageId, 'approve')
  expect(tap.toast?.type).toBe('success')
  const { headers, body, url } = tap.callback ?? { headers: {}, body: '', url: '' }
  const elsewhere = `${second?.().url}${new URL(url).pathname}`
  expect((await fetch(elsewhere, { method: 'POST', headers, body })).status).toBe(409)
})

it('makes one ticket of one submission that reaches both instances at once', async () => {
  const body = {
    module: 'perm_apply',
    title: 'Once',
    submitter: 'bob',
    nodes: [{ name: 'Owner', approvers: ['alice'] }],
  }
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      api(n % 2 === 0 ? first : second).call('POST', '/api/v1/tickets', { ...body, externalId: 'both' }),
    ),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201])
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
})

it('goes on after PostgreSQL has cut every connection', async () => {
  expect(await postgres.terminateBackends()).toBeGreaterThan(0)
  const submitted = await retrying(() => api(second).submit({ title: 'After the cut' }))
  await sandbox.waitFor(() => cards('alice', submitted).length === 1, 30_000)
  const tap = await retrying(() => sandbox.press('alice', findCard(sandbox, 'alice', submitted).messageId, 'approve'))
  expect(tap.toast?.type).toBe('success')
  expect((await api(first).get(submitted.id)).status).toBe('approved')
})

/** A caller whose request met the cut tries again, as callers do. */
async function retrying<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === 10) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
