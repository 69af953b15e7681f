import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#server/config/config.ts'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import { canaries, fullFile } from '#server/provisioning/_files.ts'
import { applyProvisioning } from '#server/provisioning/apply.ts'
import { parseProvisioningFile } from '#server/provisioning/read.ts'
import { openHost, sqliteFileOf } from './host.ts'
import { runCli } from './run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const key = randomBytes(32)
const withKey = { SECRET_KEY: key.toString('base64') }

async function cli(words: string[], variables: NodeJS.ProcessEnv = withKey) {
  const out: string[] = []
  const complaints: string[] = []
  const host = {
    folder,
    variables,
    out: (line: string) => void out.push(line),
    complain: (line: string) => void complaints.push(line),
  }
  const code = await runCli(words, host)
  return { code, out: out.join('\n'), complaints: complaints.join('\n') }
}

/** A database as a start with this file leaves it. */
async function provision(text: string): Promise<void> {
  await using store = await openHost(loadConfig(folder, withKey))
  const deps = { sealer: createSealer(createKeyRing([key])), now: () => 1, newSecret: () => 'generated-secret' }
  await store.run((tx) => applyProvisioning(tx, parseProvisioningFile(text), deps))
}

const namesOfPeople = async (): Promise<string[]> => {
  await using store = await openHost(loadConfig(folder, withKey))
  return (await store.db.selectFrom('users').select('name').orderBy('name').execute()).map(({ name }) => name)
}

describe('the command line', () => {
  it.each([[[]], [['heal']], [['migrate', 'now']], [['migrate', '--force']], [['backup']]])(
    'answers %j with its usage and exit code 2',
    async (words) => {
      const { code, complaints } = await cli(words)
      expect(code).toBe(2)
      expect(complaints).toMatch(/^usage: pnpm cli <command>\n\n {2}check-config/)
    },
  )

  it('explains itself when asked to', async () => {
    expect(await cli(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('verify-audit [--tenant <id>]'),
    })
  })
})

describe('check-config', () => {
  it('says OK, and leaves nothing behind', async () => {
    writeFileSync(join(folder, 'file.yaml'), fullFile)
    const result = await cli(['check-config'], { PROVISIONING_FILE: 'file.yaml' })
    expect(result).toEqual({ code: 0, out: 'OK', complaints: '' })
    expect(readdirSync(folder)).toEqual(['file.yaml'])
  })

  it('reports what is wrong in the environment, in .env and in the file together', async () => {
    writeFileSync(join(folder, '.env'), 'FOO=1\n')
    writeFileSync(join(folder, 'file.yaml'), fullFile.replace('uid: bob', 'uid: b b'))
    const variables = { PORT: 'x', SECRET_KEY: 'canary-key', PUBLIC_ULR: 'x', PROVISIONING_FILE: 'file.yaml' }
    const { code, complaints } = await cli(['check-config'], variables)
    expect(code).toBe(1)
    expect(complaints.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '.env: FOO',
      'PUBLIC_ULR is',
      'PORT must',
      'SECRET_KEY key',
      'PROVISIONING_FILE: tenants.0.users.1.uid',
    ])
    expect(complaints).not.toContain('canary')
  })
})

describe('migrate', () => {
  it('makes the database, and does no harm a second time', async () => {
    expect(await cli(['migrate'])).toMatchObject({ code: 0, out: 'The database is up to date.' })
    expect(await cli(['migrate'])).toMatchObject({ code: 0 })
    expect(existsSync(sqliteFileOf(loadConfig(folder, withKey)))).toBe(true)
  })

  it('never applies the provisioning file', async () => {
    writeFileSync(join(folder, 'file.yaml'), fullFile)
    await cli(['migrate'], { ...withKey, PROVISIONING_FILE: 'file.yaml' })
    expect(await namesOfPeople()).toEqual([])
  })

  it('refuses another key than the one the database was written with, in one line', async () => {
    await cli(['migrate'])
    const other = { SECRET_KEY: randomBytes(32).toString('base64') }
    expect(await cli(['migrate'], other)).toEqual({
      code: 1,
      out: '',
      complaints: 'SECRET_KEY is not the key that this database was written with',
    })
  })
})

describe('export-config', () => {
  it('writes the file without its secrets', async () => {
    await provision(fullFile)
    const { code, out } = await cli(['export-config'])
    expect(code).toBe(0)
    expect(out).toContain('appId: cli_1')
    for (const canary of canaries) expect(out).not.toContain(canary)
  })

  it('says when there is no database', async () => {
    expect(await cli(['export-config'])).toMatchObject({ code: 1, complaints: 'there is no database in DATA_DIR yet' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('verify-audit', () => {
  it('finds an intact chain intact, and a changed entry broken', async () => {
    await provision(fullFile)
    expect(await cli(['verify-audit', '--tenant', 'acme'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^acme: 1 entries, intact; the last is [0-9a-f]{64}$/),
    })
    {
      await using store = await openHost(loadConfig(folder, withKey))
      await store.db
        .insertInto('audit')
        .values({
          tenant_id: 'acme',
          seq: 2,
          at: 1,
          actor: 'x',
          action: 'x',
          target: 'x',
          detail: '{}',
          prev_mac: 'x',
          mac: 'x',
        })
        .execute()
    }
    const { code, out, complaints } = await cli(['verify-audit'])
    expect(code).toBe(1)
    expect(out).toMatch(/^acme: broken at entry 2: /m)
    expect(out).toMatch(/^beta: 1 entries, intact/m)
    expect(complaints).toBe('the audit of acme is not intact')
  })

  it('does not take an unknown tenant for an intact one', async () => {
    await provision(fullFile)
    expect(await cli(['verify-audit', '--tenant', 'nobody'])).toMatchObject({ code: 1 })
  })
})

describe('backup and restore', () => {
  it('bring back what was there, and keep what was there in between', async () => {
    await provision(fullFile)
    expect(await cli(['backup', 'copy.db'])).toMatchObject({ code: 0 })
    expect(await cli(['backup', 'copy.db'])).toMatchObject({ code: 1 })
    await provision(fullFile.replace('name: Bob', 'name: Robert'))
    expect(await cli(['restore', 'copy.db'])).toMatchObject({ code: 0 })
    expect(await namesOfPeople()).toEqual(['Alice', 'Bob', 'Carol'])
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('.before-'))).toHaveLength(1)
  })

  it('refuse to replace a database that is in use', async () => {
    await provision(fullFile)
    await cli(['backup', 'copy.db'])
    await using _running = await openHost(loadConfig(folder, withKey))
    expect(await cli(['restore', 'copy.db'])).toMatchObject({
      code: 1,
      complaints: 'the database is in use: stop the server first',
    })
  })

  it('leave everything as it was when the backup is damaged, no database, or of another key', async () => {
    await provision(fullFile)
    await cli(['backup', 'copy.db'])
    const bytes = readFileSync(join(folder, 'copy.db'))
    writeFileSync(
      join(folder, 'damaged.db'),
      Buffer.concat([bytes.subarray(0, 8_192), randomBytes(bytes.length - 8_192)]),
    )
    writeFileSync(join(folder, 'text.db'), 'canary')
    for (const file of ['damaged.db', 'text.db', 'missing.db'])
      expect(await cli(['restore', file])).toMatchObject({ code: 1 })
    const other = { SECRET_KEY: randomBytes(32).toString('base64') }
    expect((await cli(['restore', 'copy.db'], other)).complaints).toContain('SECRET_KEY is not the key')
    expect(await namesOfPeople()).toEqual(['Alice', 'Bob', 'Carol'])
  })
})

describe('reset-second-factor', () => {
  it('takes it away from somebody who has lost it, ends their sessions, and is in the audit', async () => {
    await provision(fullFile)
    const alice = { tenantId: 'acme', uid: 'alice' }
    const session = { ...alice, id: 's1', channel: null, refreshHash: 'r', previousHash: null, rotatedAt: 1 }
    const times = { createdAt: 1, expiresAt: 2 ** 42, revokedAt: null, secondFactorAt: null, way: null }
    {
      await using store = await openHost(loadConfig(folder, withKey))
      await store.stores.sessions.addSession({ ...session, ...times, userAgent: null, platformUserId: null })
      await store.stores.secondFactors.beginAuthenticator(alice, 'sealed', 1)
      await store.stores.secondFactors.confirmAuthenticator(alice, 'sealed', { step: 1, now: 1 })
    }
    const words = ['reset-second-factor', '--tenant', 'acme', '--uid']
    expect(await cli([...words, 'alice'])).toEqual({
      code: 0,
      out: 'alice of acme has no second factor any more, and is logged out everywhere.',
      complaints: '',
    })
    expect(await cli([...words, 'alice'])).toMatchObject({ code: 1, complaints: 'alice has no second factor' })
    expect(await cli([...words, 'eve'])).toMatchObject({ code: 1, complaints: 'there is no person eve in acme' })
    expect(await cli(['reset-second-factor', '--uid', 'alice'])).toMatchObject({
      code: 1,
      complaints: '--tenant must name the tenant',
    })
    await using store = await openHost(loadConfig(folder, withKey))
    expect((await store.stores.sessions.session('s1'))?.revokedAt).not.toBeNull()
    const { items } = await store.stores.audit.list('acme', {}, { limit: 1 })
    expect(items).toMatchObject([
      { actor: 'operator', action: 'user.second_factor_reset', target: 'user:alice', detail: '{}' },
    ])
  })
})

describe('dingtalk-template', () => {
  it('writes the card template to a file, or to standard output', async () => {
    const printed = await cli(['dingtalk-template'])
    expect(printed).toMatchObject({ code: 0, complaints: '' })
    const template: unknown = JSON.parse(printed.out)
    expect(template).toMatchObject({ type: 'im', mode: 'card', editorData: expect.stringContaining('approveText') })
    expect(await cli(['dingtalk-template', 'card.json'])).toMatchObject({
      code: 0,
      out: 'The card template is in card.json.',
    })
    expect(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))).toEqual(template)
  })

  it('says when it cannot write', async () => {
    const { code, complaints } = await cli(['dingtalk-template', join('nowhere', 'card.json')])
    expect(code).toBe(1)
    expect(complaints).toContain('cannot be written')
  })
})
