import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { loadConfig } from './config/config.ts'
import { createContext } from './context.ts'
import { KnownSecrets } from './log.ts'

it('what anybody may begin without logging in does not make the log’s list of secrets grow', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const lark = { appId: 'cli_1', appSecret: 'a secret of the app' }
  const file = { tenants: [{ id: 'acme', name: 'Acme', channels: { lark } }] }
  writeFileSync(join(folder, 'provisioning.json'), JSON.stringify(file))
  const known = new Set<string>()
  vi.spyOn(KnownSecrets.prototype, 'add').mockImplementation((...secrets) => {
    for (const one of secrets) known.add(one)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const variables = { DATA_DIR: folder, PROVISIONING_FILE: join(folder, 'provisioning.json'), LOG_LEVEL: 'silent' }
  await using context = await createContext(loadConfig(folder, variables))
  const { login } = context.appDeps
  const begin = () => login.start({ tenant: 'acme', channel: 'lark', target: '' }, 'a browser of ours')
  await begin()
  const before = known.size
  for (let count = 0; count < 10; count += 1) await begin()
  expect(known.size).toBe(before)
  expect(known).toContain(lark.appSecret)
})
