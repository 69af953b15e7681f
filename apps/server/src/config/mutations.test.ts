import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecretKeyError } from '#server/crypto/key-ring.ts'
import { sqliteFileName } from '#server/db/open.ts'
import { canaries, fullFile } from '#server/provisioning/_files.ts'
import { startServer } from '#server/server.ts'
import { ConfigError } from './config.ts'
import { environmentNames } from './env.ts'

/* Three hundred hosts set up by somebody careless: each starts and works, or is refused in lines that name the setting. */

const goodKey = Buffer.from('Kanarienvogel-Kanarienvogel-1234').toString('base64')
const secrets = [...canaries, goodKey, 'Kanarienvogel', 'canary-password']

interface Host {
  variables: Record<string, string>
  dotEnv: string
  file: string
  key: string | Buffer
}

const text = fc.oneof(
  fc.constantFrom('', ' ', '0', '-1', 'true', 'off', '\u0000', 'canary-password', 'http://', '../..', '🦜', goodKey),
  fc.string({ maxLength: 40 }),
)

/** What is accepted, and what is not. */
const values: Record<string, { good: string[]; bad: string[] }> = {
  HOST: { good: ['127.0.0.1', 'localhost', '0.0.0.0'], bad: ['300.1.1.1', 'a b', '198.51.100.1'] },
  PUBLIC_URL: { good: ['https://a.example', 'http://a.example:8080/'], bad: ['https://a.example/x', 'a.example'] },
  REGION: { good: ['cn-hangzhou', 'me-central-1'], bad: ['eu-west-1'] },
  LOG_LEVEL: { good: ['fatal', 'silent'], bad: ['loud'] },
  TRUST_PROXY: { good: ['off', '1', '10.0.0.0/8'], bad: ['true', '0.0.0.0/0'] },
  DATABASE_URL: {
    good: [''],
    bad: ['mysql://u:canary-password@db', 'canary-password', 'postgres://u:canary-password@127.0.0.1:1/db'],
  },
  SECRET_KEY: { good: [goodKey], bad: [`${goodKey},${goodKey}`, goodKey.slice(4), 'canary-password', ''] },
  SECRET_KEY_FILE: { good: ['key'], bad: ['missing', '.'] },
  PROVISIONING_FILE: { good: ['file.yaml'], bad: ['missing.yaml', '.'] },
  DATA_DIR: { good: ['data', 'a/b/c'], bad: ['key', ' ', 'damaged'] },
}
const setting = fc.constantFrom(...Object.keys(values)).chain((name) => {
  const { good, bad } = values[name] ?? { good: [], bad: [] }
  const value = fc.oneof(
    { arbitrary: fc.constantFrom(...good), weight: 7 },
    { arbitrary: fc.constantFrom(...bad), weight: 2 },
    { arbitrary: text, weight: 1 },
  )
  return fc.tuple(fc.constant(name), value)
})
const slip = fc
  .constantFrom(...environmentNames.filter((name) => name.length >= 6))
  .chain((name) => fc.nat({ max: name.length - 1 }).map((at) => name.slice(0, at) + name.slice(at + 1)))

/** One slip in most hosts, not in each: what starts has to be seen, too. */
const noise = fc.constantFrom('"', '{', '\t', 'x: y', '[', '\n')

const host: fc.Arbitrary<Host> = fc.record({
  variables: fc
    .tuple(fc.array(setting, { maxLength: 3 }), fc.option(fc.tuple(slip, text), { freq: 1 }))
    .map(([settings, mistake]) => Object.fromEntries(mistake === null ? settings : [...settings, mistake])),
  dotEnv: fc.constantFrom(
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    'PORT=0\n',
    'LOG_LEVEL=fatal\n',
    'FOO=canary-password\n',
    'canary-password\n',
    'PORT: 1',
  ),
  file: fc
    .tuple(
      fc.nat({ max: fullFile.length }),
      fc.oneof({ arbitrary: fc.constant(''), weight: 4 }, { arbitrary: noise, weight: 1 }),
    )
    .map(([at, noise]) => fullFile.slice(0, at) + noise + fullFile.slice(at)),
  key: fc.constantFrom<string | Buffer>(
    goodKey,
    goodKey,
    goodKey,
    `${goodKey}\n`,
    '',
    'canary-password',
    Buffer.alloc(32),
  ),
})

type Outcome = { started: true } | { started: false; problems: string[] }

async function start({ variables, dotEnv, file, key }: Host): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mutation-'))
  try {
    mkdirSync(join(folder, 'damaged'))
    writeFileSync(join(folder, 'damaged', sqliteFileName), 'this is no database, whatever its name says. '.repeat(100))
    writeFileSync(join(folder, '.env'), dotEnv)
    writeFileSync(join(folder, 'file.yaml'), file)
    writeFileSync(join(folder, 'key'), key)
    const server = await startServer({ folder, variables: { LOG_LEVEL: 'fatal', ...variables, PORT: '0' } })
    try {
      const ready = await fetch(`http://${hostOf(variables.HOST)}:${server.port}/readyz`)
      expect(ready.status).toBe(200)
    } finally {
      await server.stop()
    }
    return { started: true }
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SecretKeyError)
      return { started: false, problems: error.message.split('\n') }
    throw error
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function hostOf(name: string | undefined): string {
  return name === '::1' ? '[::1]' : '127.0.0.1'
}

const namesSomething = new RegExp(`^(\\.env|${environmentNames.join('|')}|[A-Z_]{5,} is unknown|DATA_DIR)`)

describe('a host set up at random', () => {
  it('starts and is ready, or is refused within 5 seconds by the name of the setting and without a secret', async () => {
    const outcomes = { started: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(host, async (chosen) => {
        const startedAt = performance.now()
        const outcome = await start(chosen)
        if (outcome.started) {
          outcomes.started += 1
          return
        }
        outcomes.refused += 1
        expect(performance.now() - startedAt).toBeLessThan(5_000)
        for (const problem of outcome.problems) {
          expect(problem).toMatch(namesSomething)
          for (const secret of secrets) expect(problem).not.toContain(secret)
        }
      }),
      { numRuns: 300 },
    )
    expect(outcomes.started).toBeGreaterThan(20)
    expect(outcomes.refused).toBeGreaterThan(100)
  }, 180_000)
})
