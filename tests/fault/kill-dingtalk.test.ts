import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TicketView } from '@countersign/contracts'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, startProcess } from '../_process.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import {
  connect,
  connectDingtalk,
  createApi,
  dingtalkApps,
  provisionDingtalk,
  provisioning,
  sandboxSeed,
  seedDingtalk,
} from '../_world.ts'

/* One card for all, and a server that dies while it is made, tapped and updated: nobody is left with a lie. */

const kills = 12
const tickets = 18
const approvers = ['wang', 'grace']
const { appKey } = dingtalkApps.dingtalk

it.each(['http', 'stream'] as const)(
  'SIGKILL in mid-stream over %s loses no decision, doubles none, and leaves the shared cards true',
  async (connection) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-kill-dingtalk-'))
    await using sandbox = await startSandbox({ port: 0, host: 'localhost', seed: seedDingtalk(sandboxSeed()) })
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const file = provisioning(sandbox)
    await provisionDingtalk(sandbox, file, connection)
    const variables = {
      PORT: String(port),
      DATA_DIR: folder,
      PUBLIC_URL: `http://localhost:${port}`,
      PROVISIONING_FILE: writeProvisioning(folder, file),
    }
    connect(sandbox, url)
    connectDingtalk(sandbox, url, connection)
    let server = await startProcess(variables, folder)
    onTestFinished(() => server.kill())
    const api = createApi(server.url)
    const submitted: TicketView[] = []
    for (let n = 0; n < tickets; n += 1) {
      submitted.push(await api.submit({ title: `Ticket ${n}`, nodes: [{ name: 'Owner', approvers }] }))
    }
    const isOut = (ticket: TicketView): boolean => approvers.every((uid) => cardOf(sandbox, uid, ticket) !== undefined)
    expect(await sandbox.waitFor(() => submitted.every(isOut), 60_000)).toBe(true)

    const isReachable = (): boolean => connection === 'http' || sandbox.dingtalk.connections(appKey).length > 0
    const killing = (async () => {
      for (let n = 0; n < kills; n += 1) {
        // Killed before anything can reach it, it could lose nothing.
        await sandbox.waitFor(isReachable, 20_000)
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 250))
        await server.kill()
        server = await startProcess(variables, folder)
      }
    })()
    const tapping = submitted.flatMap((ticket, index) =>
      approvers.map(async (uid) => {
        await new Promise((resolve) => setTimeout(resolve, index * 350 * Math.random()))
        await tapUntilDead(sandbox, uid, ticket)
      }),
    )
    await Promise.all([...tapping, killing])

    const after = createApi(server.url)
    for (const { id } of submitted) {
      const ticket = await after.get(id)
      expect(ticket.status, `ticket ${id}`).toBe('approved')
      expect(
        ticket.history.filter(({ action }) => action === 'approve'),
        `decisions of ${id}`,
      ).toHaveLength(1)
    }
    const isTrue = (ticket: TicketView): boolean => approvers.every((uid) => !isAsking(sandbox, uid, ticket))
    expect(await sandbox.waitFor(() => submitted.every(isTrue), 60_000)).toBe(true)
    expect(await server.terminate()).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  },
  600_000,
)

const cardOf = (sandbox: Sandbox, uid: string, { id }: TicketView) =>
  sandbox.chat(uid).findLast(({ card }) => card !== undefined && JSON.stringify(card).includes(id))

/** Whether the person is offered to approve. */
function isAsking(sandbox: Sandbox, uid: string, ticket: TicketView): boolean {
  const card = cardOf(sandbox, uid, ticket)
  return card !== undefined && JSON.stringify(sandbox.dingtalk.draw(card.messageId)).includes('"action":"approve"')
}

/** A person whose tap fails taps again, until the card asks nothing more. */
async function tapUntilDead(sandbox: Sandbox, uid: string, ticket: TicketView): Promise<void> {
  const label = uid === 'wang' ? '同意' : 'Approve'
  for (let tries = 0; tries < 600; tries += 1) {
    const card = cardOf(sandbox, uid, ticket)
    if (card === undefined || !isAsking(sandbox, uid, ticket)) return
    // The button may go between the look and the tap.
    await sandbox.press(uid, card.messageId, label).catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the card of ${uid} on ${ticket.id} goes on asking`)
}
