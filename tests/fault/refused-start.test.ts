import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProvisioningFile } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, runToEnd, startProcess } from '../_process.ts'
import { createApi, people } from '../_world.ts'

/* A host that is set up wrongly says what is wrong, in one line each, and changes nothing. */

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-start-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const dataDir = () => join(folder, 'data')
const provision = (text: string): Record<string, string> => {
  const path = join(folder, 'tenants.yaml')
  writeFileSync(path, text)
  return { PROVISIONING_FILE: path }
}

describe('the start is refused', () => {
  it.each([
    [{ PUBLIC_ULR: 'https://x.example' }, 'PUBLIC_ULR', 'PUBLIC_URL'],
    [{ COUNTERSIGN_FOO: '1' }, 'COUNTERSIGN_FOO', 'PORT'],
    [{ REGION: 'us-east-1' }, 'REGION', 'ap-southeast-1'],
    [{ PUBLIC_URL: 'https://x.example/app' }, 'PUBLIC_URL', 'origin'],
    [{ SECRET_KEY: 'c2hvcnQ=' }, 'SECRET_KEY', '32 bytes'],
    [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL', 'postgres://'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY', 'off'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL', 'info'],
  ])('for %o, naming it and what is allowed', async (variables, name, allowed) => {
    const { code, output } = await runToEnd({ PORT: '0', DATA_DIR: dataDir(), ...variables }, folder)
    expect(code).not.toBe(0)
    expect(output.trim().split('\n')).toHaveLength(1)
    expect(output).toContain(name)
    expect(output).toContain(allowed)
    expect(readdirSync(folder)).toEqual([])
  })

  it('for an unknown name in .env', async () => {
    writeFileSync(join(folder, '.env'), 'PORT=0\nSOMETHING=else\n')
    const { code, output } = await runToEnd({ DATA_DIR: dataDir() }, folder)
    expect(code).not.toBe(0)
    expect(output).toContain('SOMETHING')
    expect(output).not.toContain('else')
  })

  it('for a provisioning file that is not right, naming every bad place', async () => {
    const file = provision(`
tenants:
  - id: Acme Corp
    name: Acme
    colour: blue
    channels:
      lark: { appId: cli_1, appSecret: hush-hush }
    users:
      - { uid: alice, name: Alice, channels: { lark: { email: no-address } } }
    approvalTemplates:
      - { id: t, module: data_export, nodes: [{ name: N, approvers: [nobody], rule: any }] }
`)
    const { code, output } = await runToEnd({ PORT: '0', DATA_DIR: dataDir(), ...file }, folder)
    expect(code).not.toBe(0)
    for (const path of ['tenants.0.id', 'tenants.0.colour', 'tenants.0.users.0.channels.lark'])
      expect(output).toContain(path)
    expect(output).not.toContain('hush-hush')
    expect(output).not.toContain('    at ')
  })
})

describe('a provisioning file that has become wrong', () => {
  it('stops the next start and leaves what was there as it was', async () => {
    const port = await freePort()
    const users: ProvisioningFile['tenants'][number]['users'] = people.map(({ uid, name }) => ({
      uid,
      name,
      roles: ['user'],
      disabled: false,
      channels: {},
    }))
    const key = 'csk_start_0123456789abcdef'
    const tenant = {
      id: 'acme',
      name: 'Acme',
      users,
      apiKeys: [{ name: 'k', key, scopes: ['tickets:read', 'tickets:write'] }],
    }
    const variables = { PORT: String(port), DATA_DIR: dataDir() }
    const good = { ...variables, ...provision(JSON.stringify({ tenants: [tenant] })) }
    const before = await startProcess(good, folder)
    const ticket = await createApi(before.url, key).submit()
    expect(await before.terminate()).toBe(0)

    const broken = { ...tenant, users: [], name: 7 }
    const { code, output } = await runToEnd(
      { ...variables, ...provision(JSON.stringify({ tenants: [broken] })) },
      folder,
    )
    expect(code).not.toBe(0)
    expect(output).toContain('tenants.0.name')

    provision(JSON.stringify({ tenants: [tenant] }))
    const again = await startProcess(good, folder)
    expect((await createApi(again.url, key).get(ticket.id)).title).toBe(ticket.title)
    expect(await again.terminate()).toBe(0)
  })
})

describe('SIGTERM', () => {
  it('ends the process with exit code 0, and answers whoever still waits for a decision', async () => {
    const key = 'csk_start_0123456789abcdef'
    const users = ['alice', 'bob'].map((uid) => ({ uid, name: uid }))
    const apiKeys = [{ name: 'k', key, scopes: ['tickets:read', 'tickets:write'] }]
    const file = provision(JSON.stringify({ tenants: [{ id: 'acme', name: 'Acme', users, apiKeys }] }))
    const server = await startProcess({ PORT: String(await freePort()), DATA_DIR: dataDir(), ...file }, folder)
    const api = createApi(server.url, key)
    const ticket = await api.submit()
    const waiting = api.call('GET', `/api/v1/tickets/${ticket.id}/wait?timeout=60`)
    // Another request over, so that the waiting one has surely arrived.
    await api.get(ticket.id)
    expect(await server.terminate()).toBe(0)
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'pending' } })
  })

  it('that comes twice, to the group and passed on by a launcher, still lets requests under way end', async () => {
    const file = provision(JSON.stringify({ tenants: [{ id: 'acme', name: 'Acme' }] }))
    const port = await freePort()
    const server = await startProcess({ PORT: String(port), DATA_DIR: dataDir(), ...file }, folder)
    const body = JSON.stringify({ tenant: 'acme', channel: 'lark' })
    const socket = connect(port, '127.0.0.1')
    const headers = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
    socket.write(`POST /api/app/login/start HTTP/1.1\r\n${headers}\r\n\r\n${body.slice(0, 5)}`)
    // A whole request over, so that the half one has surely arrived.
    await fetch(`${server.url}/healthz`)
    process.kill(server.pid, 'SIGTERM')
    await expect.poll(() => fetch(`${server.url}/healthz`).catch(() => 'closed')).toBe('closed')
    const exit = server.terminate()
    setTimeout(() => socket.write(body.slice(5)), 200)
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 403 /)
    expect(await exit).toBe(0)
  })
})
