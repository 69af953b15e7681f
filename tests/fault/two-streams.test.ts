import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TicketView } from '@countersign/contracts'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres } from '../_postgres.ts'
import { freePort, type ServerProcess, startProcess } from '../_process.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import {
  type Api,
  createApi,
  dingtalkApps,
  provisionDingtalk,
  provisioning,
  sandboxSeed,
  seedDingtalk,
} from '../_world.ts'

/*
 * Two instances on one PostgreSQL, each with a Stream connection of its own: DingTalk gives each tap and each message to
 * one of them at random. They are processes, so that one can be killed in the middle of its work.
 */

const { appKey } = dingtalkApps.dingtalk
const names = ['one', 'two'] as const
type Name = (typeof names)[number]

let postgres: Awaited<ReturnType<typeof startPostgres>>
let sandbox: Sandbox
let folder: string
const instances = new Map<Name, ServerProcess>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-streams-'))
  postgres = await startPostgres()
  sandbox = await startSandbox({ port: 0, host: 'localhost', seed: seedDingtalk(sandboxSeed()) })
  const file = provisioning(sandbox)
  await provisionDingtalk(sandbox, file, 'stream')
  sandbox.dingtalk.configureApp(appKey, { robotMode: 'stream' })
  writeProvisioning(folder, file)
  for (const name of names) await start(name)
})
afterAll(async () => {
  for (const instance of instances.values()) await instance.kill()
  await sandbox.close()
  await postgres[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function start(name: Name): Promise<void> {
  const before = sandbox.dingtalk.connections(appKey).length
  const variables = {
    PORT: String(await freePort()),
    DATA_DIR: folder,
    // PostgreSQL then tells whose statement is waiting.
    DATABASE_URL: `${postgres.url}?application_name=${name}`,
    SECRET_KEY: Buffer.from('thirty-two bytes for two servers').toString('base64'),
    PROVISIONING_FILE: join(folder, 'provisioning.json'),
    LOG_LEVEL: 'fatal',
  }
  instances.set(name, await startProcess(variables, folder))
  await sandbox.waitFor(({ dingtalk }) => dingtalk.connections(appKey).length === before + 1, 30_000)
}

async function kill(name: Name): Promise<void> {
  await instances.get(name)?.kill()
  instances.delete(name)
  await sandbox.waitFor(({ dingtalk }) => dingtalk.connections(appKey).length === instances.size, 10_000)
}

function api(): Api {
  const [any] = instances.values()
  return createApi(any?.url ?? '')
}

const approvals = async ({ id }: TicketView): Promise<string[]> =>
  (await api().get(id)).history.filter(({ action }) => action === 'approve').map(({ actor }) => actor)
const cardOf = (uid: string, { id }: TicketView) =>
  sandbox.chat(uid).findLast(({ card }) => card !== undefined && JSON.stringify(card).includes(id))
const tap = (uid: string, ticket: TicketView) => {
  const label = uid === 'wang' ? '同意' : 'Approve'
  return sandbox.press(uid, cardOf(uid, ticket)?.messageId ?? '', label)
}
const answersTo = (uid: string, { number }: TicketView): number =>
  sandbox.chat(uid).filter(({ from, content, card }) => {
    return from === 'bot' && card === undefined && content.includes(`#${number} `)
  }).length

async function submit(approvers: string[], rule: 'any' | 'all' = 'any'): Promise<TicketView> {
  const ticket = await api().submit({ nodes: [{ name: 'Owners', approvers, rule }] })
  await sandbox.waitFor(() => approvers.every((uid) => cardOf(uid, ticket) !== undefined), 30_000)
  return ticket
}

it('a tap that reaches both decides once, and both give the same answer', async () => {
  for (let round = 0; round < 8; round += 1) {
    const ticket = await submit(['wang', 'grace'], 'all')
    sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    const { outcome, duplicates } = await tap('wang', ticket)
    expect(outcome).toBe('answered')
    expect(duplicates).toMatchObject([{ status: 200 }])
    expect(await approvals(ticket)).toEqual(['wang'])
  }
})

it('a message is answered once, whichever instance it reaches, also when it comes again', async () => {
  for (let round = 0; round < 4; round += 1) {
    const ticket = await submit(['wang'])
    sandbox.faults.set({ kind: 'connection-cut', times: 1 })
    await sandbox.say('wang', `同意 ${ticket.number}`)
    // Not acknowledged, since the connection broke: the platform says it again to the other instance, or to the same.
    await sandbox.advance(60_000)
    await sandbox.waitFor(() => answersTo('wang', ticket) > 0, 30_000)
    await sandbox.waitFor(({ dingtalk }) => dingtalk.connections(appKey).length === 2, 30_000)
    expect(await approvals(ticket)).toEqual(['wang'])
    expect(answersTo('wang', ticket)).toBe(1)
  }
})

it('one that is killed in the middle of a tap leaves no trace of it, and the other takes the next', async () => {
  for (let round = 0; round < 3; round += 1) {
    const ticket = await submit(['grace'])
    const release = await postgres.hold('inbound_callbacks')
    const tapping = tap('grace', ticket)
    const holder = await waitingFor()
    await kill(holder)
    await release()
    expect((await tapping).outcome).toBe('failed')
    expect(await approvals(ticket)).toEqual([])
    const again = await tap('grace', ticket)
    expect(again.outcome).toBe('answered')
    expect(await approvals(ticket)).toEqual(['grace'])
    await start(holder)
  }
})

it('a message to one that is killed in the middle of it is told to the other, and answered once', async () => {
  const ticket = await submit(['wang'])
  const release = await postgres.hold('inbound_callbacks')
  const saying = sandbox.say('wang', `同意 ${ticket.number}`)
  const holder = await waitingFor()
  await kill(holder)
  await release()
  await saying
  expect(await approvals(ticket)).toEqual([])
  await sandbox.advance(60_000)
  await sandbox.waitFor(() => answersTo('wang', ticket) > 0, 30_000)
  expect(await approvals(ticket)).toEqual(['wang'])
  expect(answersTo('wang', ticket)).toBe(1)
  await start(holder)
})

it('when one stops for good, the other takes everything', async () => {
  expect(await instances.get('one')?.terminate()).toBe(0)
  instances.delete('one')
  for (let round = 0; round < 4; round += 1) {
    const ticket = await submit(['wang', 'grace'])
    expect((await tap('grace', ticket)).outcome).toBe('answered')
    expect(await approvals(ticket)).toEqual(['grace'])
  }
})

/** The instance that is in the middle of a callback. */
async function waitingFor(): Promise<Name> {
  let waiting: string[] = []
  await expect
    .poll(
      async () => {
        waiting = await postgres.waiting()
        return waiting.length
      },
      { timeout: 10_000, interval: 20 },
    )
    .toBeGreaterThan(0)
  const found = names.find((name) => waiting.includes(name))
  if (found === undefined) throw new Error(`${waiting} is no instance`)
  return found
}
