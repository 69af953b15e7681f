import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { locales } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, ConfigError, loadConfig, parseConfig, withBoundPort } from './config.ts'
import type { Environment } from './env.ts'
import { regionDefaults, regionNames } from './regions.ts'
import { checkSecretKeys, loadSecretKeys } from './secrets.ts'

const key = Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function configOf(environment: Environment): Config {
  const parsed = parseConfig(environment, folder)
  if (!parsed.ok) throw new ConfigError(parsed.problems)
  return parsed.config
}

function problemsOf(environment: Environment): string[] {
  const parsed = parseConfig(environment, folder)
  return parsed.ok ? [] : parsed.problems
}

describe('the settings of a host', () => {
  it('are all optional', () => {
    expect(configOf({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://localhost:8080',
      region: null,
      defaults: { locale: 'en', timeZone: 'UTC', weekend: [6, 7] },
      dataDir: join(folder, 'data'),
      databaseUrl: null,
      secretKey: { kind: 'generated', path: join(folder, 'data', 'secret.key') },
      provisioningFile: null,
      logLevel: 'info',
      trustProxy: false,
    })
  })

  it('name the port in the public address, also one that was chosen at the start', () => {
    expect(configOf({ PORT: '9000' }).publicUrl).toBe('http://localhost:9000')
    expect(withBoundPort(configOf({ PORT: '0' }), 40_123)).toMatchObject({
      port: 40_123,
      publicUrl: 'http://localhost:40123',
    })
    expect(withBoundPort(configOf({ PORT: '0', PUBLIC_URL: 'https://a.example' }), 40_123).publicUrl).toBe(
      'https://a.example',
    )
  })

  it.each<[Environment, Partial<Config>]>([
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ HOST: '::1' }, { host: '::1' }],
    [{ HOST: 'localhost' }, { host: 'localhost' }],
    [{ PUBLIC_URL: 'https://sign.example.com' }, { publicUrl: 'https://sign.example.com' }],
    [{ PUBLIC_URL: 'https://sign.example.com:8443/' }, { publicUrl: 'https://sign.example.com:8443' }],
    [{ PUBLIC_URL: 'http://127.0.0.1:8080' }, { publicUrl: 'http://127.0.0.1:8080' }],
    [{ DATABASE_URL: 'postgres://u:p%40ss@db/x' }, { databaseUrl: 'postgres://u:p%40ss@db/x' }],
    [{ DATABASE_URL: 'postgresql://db' }, { databaseUrl: 'postgresql://db' }],
    [{ TRUST_PROXY: 'off' }, { trustProxy: false }],
    [{ TRUST_PROXY: '0' }, { trustProxy: false }],
    [{ TRUST_PROXY: '2' }, { trustProxy: 2 }],
    [{ TRUST_PROXY: '10.0.0.0/8, ::1' }, { trustProxy: ['10.0.0.0/8', '::1'] }],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  ])('accept %j', (environment, expected) => {
    expect(configOf(environment)).toMatchObject(expected)
  })

  it.each<Environment>([
    ...['-1', '65536', '80a', '0x50', '8080.0', ' ', '1e3', '999999'].map((PORT) => ({ PORT })),
    ...['a b', 'http://x', '1.2.3', '-a', '999.1.1.1', 'a..b'].map((HOST) => ({ HOST })),
    ...[
      'example.com',
      'ftp://example.com',
      'https://example.com/path',
      'https://example.com/?',
      'https://example.com?a=b',
      'https://example.com#x',
      'https://user:canary@example.com',
      'https://exa mple.com',
      'https://',
      'javascript:alert(1)',
    ].map((PUBLIC_URL) => ({ PUBLIC_URL })),
    ...['singapore', 'AP-SOUTHEAST-1', 'us-east-1'].map((REGION) => ({ REGION })),
    ...['mysql://canary@db', 'canary', 'postgres:/canary', 'postgres://u:canary%@db/x', 'postgres://u:p@db:port/x'].map(
      (DATABASE_URL) => ({ DATABASE_URL }),
    ),
    ...['true', 'yes', '17', '-1', '10.0.0.0/33', '0.0.0.0/0', '::/0', 'loopback', '10.0.0.1,,', '10.1'].map(
      (TRUST_PROXY) => ({ TRUST_PROXY }),
    ),
    ...['verbose', 'INFO', '30'].map((LOG_LEVEL) => ({ LOG_LEVEL })),
    ...['canary', 'changeme', Buffer.alloc(31, 7).toString('base64')].map((SECRET_KEY) => ({ SECRET_KEY })),
    ...[' ', 'a\0b'].map((DATA_DIR) => ({ DATA_DIR })),
    { SECRET_KEY: key, SECRET_KEY_FILE: '/run/key' },
  ])('refuse %j in one line that names the setting and not the value', (environment) => {
    const problems = problemsOf(environment)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${Object.keys(environment)[0]} `))
    expect(problems[0]).not.toMatch(/canary|\n/)
  })

  it('report every problem at once', () => {
    const act = () =>
      loadConfig(folder, { PORT: 'x', REGION: 'x', LOG_LEVEL: 'x', TRUST_PROXY: 'true', PUBLIC_ULR: '' })
    expect(act).toThrow(ConfigError)
    try {
      act()
    } catch (error) {
      expect(error instanceof ConfigError && error.problems.map((line) => line.split(' ')[0])).toEqual([
        'PUBLIC_ULR',
        'PORT',
        'REGION',
        'LOG_LEVEL',
        'TRUST_PROXY',
      ])
    }
  })
})

describe('a region', () => {
  it.each(regionNames)('%s has a language we speak, a time zone and two days off', (region) => {
    const { locale, timeZone, weekend } = regionDefaults(region)
    expect(locales).toContain(locale)
    expect(new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone).toBe(timeZone)
    expect(weekend).toHaveLength(2)
  })

  it('in Saudi Arabia rests on Friday and Saturday', () => {
    expect(regionDefaults('me-central-1').weekend).toEqual([5, 6])
  })
})

describe('the secret key', () => {
  it('is generated once, for its owner only, with a warning, and then stays', () => {
    const config = configOf({})
    const first = loadSecretKeys(config)
    expect(first.warning).toContain('SECRET_KEY is not set')
    expect(statSync(join(folder, 'data', 'secret.key')).mode & 0o777).toBe(0o600)
    expect(loadSecretKeys(config)).toEqual({ keys: first.keys, warning: null })
  })

  it('comes from the environment or from a file, and then none is generated', () => {
    writeFileSync(join(folder, 'key'), `${key}\n`)
    const keys = [Buffer.from(key, 'base64')]
    expect(loadSecretKeys(configOf({ SECRET_KEY: key }))).toEqual({ keys, warning: null })
    expect(loadSecretKeys(configOf({ SECRET_KEY_FILE: 'key' }))).toEqual({ keys, warning: null })
    expect(statSync(join(folder, 'data'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it.each([
    ['SECRET_KEY_FILE is missing', 'missing', null],
    ['is no key', 'key', 'canary'],
    ['is empty', 'key', ''],
  ])('is refused when the file %s, and the file is left as it is', (_case, name, content) => {
    if (content !== null) writeFileSync(join(folder, name), content)
    const { secretKey } = configOf({ SECRET_KEY_FILE: name })
    expect(checkSecretKeys(secretKey)).toEqual([expect.stringMatching(/^SECRET_KEY_FILE(?!.*canary)/)])
    expect(() => loadSecretKeys({ secretKey })).toThrow(ConfigError)
    if (content !== null) expect(readFileSync(join(folder, name), 'utf8')).toBe(content)
  })

  it('is refused when the data folder is a file', () => {
    writeFileSync(join(folder, 'data'), '')
    expect(() => loadSecretKeys(configOf({}))).toThrow(/^DATA_DIR/)
  })
})
