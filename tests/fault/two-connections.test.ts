import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { type RunningServer, startServer } from '@countersign/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres } from '../_postgres.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import { type Api, apps, createApi, findCard, provisioning, sandboxSeed } from '../_world.ts'

/* Two instances of a host that nobody can call: the platform gives each event to either of their connections. */

const { appId } = apps.lark
let postgres: Awaited<ReturnType<typeof startPostgres>>
let sandbox: Sandbox
let folder: string
let instances: RunningServer[]
let api: Api

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-connections-'))
  postgres = await startPostgres()
  sandbox = await startSandbox({ port: 0, host: 'localhost', seed: sandboxSeed() })
  sandbox.configureApp(appId, { connection: 'long-connection' })
  const file = provisioning(sandbox)
  for (const { channels } of file.tenants) if (channels.lark !== undefined) channels.lark.connection = 'long-connection'
  const variables = {
    PORT: '0',
    DATA_DIR: folder,
    DATABASE_URL: postgres.url,
    SECRET_KEY: Buffer.from('thirty-two bytes for two servers').toString('base64'),
    PROVISIONING_FILE: writeProvisioning(folder, file),
    LOG_LEVEL: 'fatal',
  }
  instances = await Promise.all([startServer({ folder, variables }), startServer({ folder, variables })])
  api = createApi(instances[0]?.url ?? '')
  await sandbox.waitFor(({ longConnections }) => longConnections.online(appId) === 2, 20_000)
})
afterAll(async () => {
  for (const instance of instances) await instance.stop()
  await sandbox.close()
  await postgres[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const drain = () => Promise.all(instances.map((instance) => instance.drain()))
const answersTo = (number: number): number =>
  sandbox.chat('alice').filter((message) => isAnswer(message) && message.content.includes(`#${number} `)).length
const isAnswer = ({ from, msgType }: { from: string; msgType: string }): boolean => from === 'bot' && msgType === 'text'

it('a tap that reaches both at once decides once, and both give the same answer', async () => {
  for (let round = 0; round < 8; round += 1) {
    const nodes = [{ name: 'Owner', approvers: ['alice', 'carol'], rule: 'all' as const }]
    const ticket = await api.submit({ nodes })
    await sandbox.waitFor(() => isThere(ticket), 30_000)
    sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    const tap = await sandbox.press('alice', findCard(sandbox, 'alice', ticket).messageId, 'Approve')
    expect(tap.toast?.type).toBe('success')
    expect(tap.duplicates).toMatchObject([{ status: 200 }])
    const { history } = await api.get(ticket.id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  }
})

it('a message that reaches both at once is answered once', async () => {
  for (let round = 0; round < 4; round += 1) {
    const ticket = await api.submit()
    sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    const { event } = await sandbox.say('alice', `approve ${ticket.number}`)
    expect(event.state).toBe('delivered')
    await sandbox.waitFor(() => answersTo(ticket.number) > 0, 30_000)
    await drain()
    expect(answersTo(ticket.number)).toBe(1)
  }
})

it('when one instance stops, the other takes everything', async () => {
  await instances.pop()?.stop()
  await sandbox.waitFor(({ longConnections }) => longConnections.online(appId) === 1)
  const ticket = await api.submit()
  await sandbox.waitFor(() => isThere(ticket), 30_000)
  const tap = await sandbox.press('alice', findCard(sandbox, 'alice', ticket).messageId, 'Approve')
  expect(tap.toast?.type).toBe('success')
})

function isThere(ticket: { id: string }): boolean {
  return sandbox.chat('alice').some(({ card }) => JSON.stringify(card ?? '').includes(ticket.id))
}
