import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TicketView } from '@countersign/contracts'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, type ServerProcess, startProcess } from '../_process.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import { apps, connect, createApi, findCard, provisioning, sandboxSeed } from '../_world.ts'

/*
 * The server is killed again and again, without a good-bye, while people tap. A person whose tap fails taps again, as
 * people do. What was answered must be there, once; and every card must end up telling the truth.
 */

const ways = [
  { connection: 'http', kills: 24, tickets: 36 },
  { connection: 'long-connection', kills: 12, tickets: 18 },
] as const

it.each(ways)(
  '$kills times SIGKILL in mid-stream over $connection lose no decision, double none, and leave every card true',
  async ({ connection, kills, tickets }) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-kill-'))
    await using sandbox = await startSandbox({ port: 0, host: 'localhost', seed: sandboxSeed() })
    const port = await freePort()
    const file = provisioning(sandbox)
    for (const { channels } of file.tenants) if (channels.lark !== undefined) channels.lark.connection = connection
    sandbox.configureApp(apps.lark.appId, { connection })
    const variables = {
      PORT: String(port),
      DATA_DIR: folder,
      PUBLIC_URL: `http://localhost:${port}`,
      PROVISIONING_FILE: writeProvisioning(folder, file),
    }
    connect(sandbox, `http://127.0.0.1:${port}`)
    let server = await startProcess(variables, folder)
    onTestFinished(() => server.kill())
    const api = createApi(server.url)
    const submitted: TicketView[] = []
    for (let n = 0; n < tickets; n += 1) {
      submitted.push(
        await api.submit({ title: `Ticket ${n}`, nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] }),
      )
    }
    await sandbox.waitFor(
      () => submitted.every((ticket) => hasCard(sandbox, 'alice', ticket) && hasCard(sandbox, 'carol', ticket)),
      60_000,
    )

    const acknowledged = new Map<string, string[]>()
    let isOver = false
    const killing = (async () => {
      for (let n = 0; n < kills; n += 1) {
        // Killed before anything can reach it, it could lose nothing.
        if (connection === 'long-connection') {
          await sandbox.waitFor(({ longConnections }) => longConnections.online(apps.lark.appId) > 0, 20_000)
        }
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 250))
        await server.kill()
        server = await startProcess(variables, folder)
      }
      isOver = true
    })()
    const tapping = submitted.flatMap((ticket, index) =>
      ['alice', 'carol'].map(async (uid) => {
        // Spread over the whole of the killing: the n-th ticket is tapped around the n-th kill.
        await new Promise((resolve) => setTimeout(resolve, index * 350 * Math.random()))
        const said = await tapUntilAnswered(sandbox, uid, ticket)
        if (said === 'success') acknowledged.set(ticket.id, [...(acknowledged.get(ticket.id) ?? []), uid])
      }),
    )
    await Promise.all([...tapping, killing])
    expect(isOver).toBe(true)

    await expectTruth(server, sandbox, submitted, acknowledged)
    expect(await server.terminate()).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  },
  600_000,
)

const hasCard = (sandbox: Sandbox, uid: string, ticket: TicketView): boolean => {
  try {
    return findCard(sandbox, uid, ticket).state === 'shown'
  } catch {
    return false
  }
}
const isDead = (sandbox: Sandbox, uid: string, ticket: TicketView): boolean =>
  !JSON.stringify(findCard(sandbox, uid, ticket).card).includes('"type":"callback"')

/** Taps until the phone shows an answer of the server's, or the card has no button any more. */
async function tapUntilAnswered(sandbox: Sandbox, uid: string, ticket: TicketView): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (isDead(sandbox, uid, ticket)) return 'dead'
    const tap = await sandbox.press(uid, findCard(sandbox, uid, ticket).messageId, 'Approve').catch(() => null)
    if (tap === null) return 'dead'
    if (tap.outcome === 'answered') return tap.toast?.type ?? 'none'
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no answer for ${uid} on ${ticket.id}`)
}

async function expectTruth(
  server: ServerProcess,
  sandbox: Sandbox,
  submitted: TicketView[],
  acknowledged: Map<string, string[]>,
): Promise<void> {
  const api = createApi(server.url)
  for (const { id } of submitted) {
    const ticket = await api.get(id)
    const decisions = ticket.history.filter(({ action }) => action === 'approve').map(({ actor }) => actor)
    expect(ticket.status, `ticket ${id}`).toBe('approved')
    expect(decisions, `decisions of ${id}`).toHaveLength(1)
    const acks = acknowledged.get(id) ?? []
    expect(acks.length, `acknowledged on ${id}`).toBeLessThanOrEqual(1)
    for (const uid of acks) expect(decisions).toEqual([uid])
  }
  await sandbox.waitFor(
    () => submitted.every((ticket) => ['alice', 'carol'].every((uid) => isDead(sandbox, uid, ticket))),
    60_000,
  )
  await sandbox.waitFor(() => submitted.every((ticket) => hasCard(sandbox, 'bob', ticket)), 60_000)
}
