import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { environmentNames, readEnvironment } from './env.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-env-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const dotEnv = (text: string) => writeFileSync(join(folder, '.env'), text)

describe('the environment', () => {
  it('reads .env, and lets the process environment win', () => {
    dotEnv('PORT=9000\n# a comment\nexport LOG_LEVEL="debug"\n\nHOST=0.0.0.0 # everywhere\n')
    const { environment, problems } = readEnvironment(folder, { PORT: '9001', PATH: '/bin' })
    expect(environment).toEqual({ PORT: '9001', LOG_LEVEL: 'debug', HOST: '0.0.0.0' })
    expect(problems).toEqual([])
  })

  it('needs no .env', () => {
    expect(readEnvironment(folder, {})).toEqual({ environment: {}, problems: [] })
  })

  it.each([
    ['PUBLIC_ULR', 'PUBLIC_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['public_url', 'PUBLIC_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['SECRETKEY', 'SECRET_KEY'],
    ['SECRET_KEY_FIEL', 'SECRET_KEY_FILE'],
    ['REGON', 'REGION'],
  ])('refuses %s in the process environment and asks whether %s was meant', (slip, meant) => {
    const { problems } = readEnvironment(folder, { [slip]: 'canary-value' })
    expect(problems).toEqual([`${slip} is unknown: did you mean ${meant}?`])
  })

  it('refuses whatever starts with COUNTERSIGN_, since nobody else sets that', () => {
    const { problems } = readEnvironment(folder, { COUNTERSIGN_PORT: '1' })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('COUNTERSIGN_PORT is unknown: allowed are HOST, PORT')
  })

  it.each(['PATH', 'HOME', 'AWS_REGION', 'PORTS', 'HOSTNAME', 'OTEL_SERVICE_NAME', 'NODE_ENV', 'npm_config_loglevel'])(
    'leaves %s alone, which is not ours',
    (name) => {
      expect(readEnvironment(folder, { [name]: 'x' }).problems).toEqual([])
    },
  )

  it('refuses any other name in .env, and every line that is none, without repeating a value', () => {
    dotEnv('PORT=1\nFOO=canary-value\nOTEL_SERVICE_NAME=x\nPORT: 80 canary-value\n')
    const { problems } = readEnvironment(folder, {})
    expect(problems).toHaveLength(2)
    expect(problems.join()).toMatch(/\.env line 4 must be NAME=value.*\.env: FOO is unknown: allowed are/)
    expect(problems.join()).not.toContain('canary')
  })

  it('takes an empty value for none, except where a key would be lost', () => {
    const { environment, problems } = readEnvironment(folder, { PORT: '', DATABASE_URL: '', SECRET_KEY: '' })
    expect(environment).toEqual({})
    expect(problems).toEqual(['SECRET_KEY is empty: give it a value, or do not set it at all'])
  })
})

describe('.env.example', () => {
  const lines = readFileSync(new URL('../../../../.env.example', import.meta.url), 'utf8').split('\n')
  const settings = lines.flatMap((line, index) => {
    const [, name] = /^#?([A-Z][A-Z_]+)=/.exec(line) ?? []
    return name === undefined ? [] : [{ name, line, comment: lines[index - 1] ?? '' }]
  })

  it('lists every setting once, in the order of env.ts, and no other', () => {
    expect(settings.map((setting) => setting.name)).toEqual([...environmentNames])
  })

  it('explains each in the comment line above it', () => {
    for (const { name, comment } of settings) expect(comment, name).toMatch(/^# \S.{10,}/)
  })

  it('shows values that are accepted, and a key that is not', () => {
    const examples = settings.map(({ name, line }) => [name, line.slice(line.indexOf('=') + 1)])
    const { SECRET_KEY_FILE: _either, SECRET_KEY, ...environment } = Object.fromEntries(examples)
    expect(parseConfig(environment, folder)).toMatchObject({ ok: true })
    expect(parseConfig({ SECRET_KEY }, folder)).toMatchObject({ ok: false })
  })
})
