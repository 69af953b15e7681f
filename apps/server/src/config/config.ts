import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import { parseSecretKeys, SecretKeyError } from '#server/crypto/key-ring.ts'
import { type Environment, type EnvironmentName, readEnvironment } from './env.ts'
import { type RegionDefaults, type RegionName, regionDefaults, regionNames } from './regions.ts'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Where the root keys come from: given, in a file of the administrator's, or generated once into the data folder. */
export type SecretKeySource =
  | { kind: 'given'; keys: Buffer[] }
  | { kind: 'file'; path: string }
  | { kind: 'generated'; path: string }

/** A host's settings, complete and checked. Holds secrets (`databaseUrl`, `secretKey`): never log it. */
export interface Config {
  host: string
  /** 0: any free port. */
  port: number
  /** Origin that phones and platforms reach, without a slash at the end. */
  publicUrl: string
  region: RegionName | null
  defaults: RegionDefaults
  dataDir: string
  /** Null: SQLite in `dataDir`. */
  databaseUrl: string | null
  secretKey: SecretKeySource
  provisioningFile: string | null
  logLevel: LogLevel
  /** For Express: nobody, the number of proxies in front, or their addresses. */
  trustProxy: false | number | string[]
}

/** The start is refused: one line for each problem, naming the setting and what is allowed, never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly code = 'bad_config'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

const defaultPort = 8080
const highestPort = 65_535
/** More proxies than this in a row is a slip. */
const mostHops = 16
const hostName = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/

/** One setting could not be read; the message says what is allowed. */
class BadValue extends Error {}

/** The settings of this process: its environment, then `.env`, then defaults. Throws ConfigError with every problem. */
export function loadConfig(folder: string = process.cwd(), variables?: NodeJS.ProcessEnv): Config {
  const { environment, problems } = readEnvironment(folder, variables)
  const parsed = parseConfig(environment, folder)
  const all = [...problems, ...(parsed.ok ? [] : parsed.problems)]
  if (!parsed.ok || all.length > 0) throw new ConfigError(all)
  return parsed.config
}

/** Turns text into settings with their defaults. All problems are reported at once. */
export function parseConfig(
  environment: Environment,
  folder: string,
): { ok: true; config: Config } | { ok: false; problems: string[] } {
  const problems: string[] = []
  const read = <Value>(name: EnvironmentName, parse: (text: string) => Value, unset: Value): Value => {
    const text = environment[name]
    if (text === undefined) return unset
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof BadValue || error instanceof SecretKeyError)) throw error
      problems.push(`${name} ${error.message}`)
      return unset
    }
  }
  const inFolder = (text: string): string => resolve(folder, parsePath(text))

  const port = read('PORT', parsePort, defaultPort)
  const region = read<RegionName | null>('REGION', parseRegion, null)
  const dataDir = read('DATA_DIR', inFolder, resolve(folder, 'data'))
  const generated: SecretKeySource = { kind: 'generated', path: join(dataDir, 'secret.key') }
  const keyFile = read<SecretKeySource>(
    'SECRET_KEY_FILE',
    (text) => ({ kind: 'file', path: inFolder(text) }),
    generated,
  )
  const config: Config = {
    host: read('HOST', parseHost, '127.0.0.1'),
    port,
    publicUrl: read('PUBLIC_URL', parsePublicUrl, localUrl(port)),
    region,
    defaults: regionDefaults(region),
    dataDir,
    databaseUrl: read<string | null>('DATABASE_URL', parseDatabaseUrl, null),
    secretKey: read<SecretKeySource>('SECRET_KEY', parseSecretKey, keyFile),
    provisioningFile: read<string | null>('PROVISIONING_FILE', inFolder, null),
    logLevel: read('LOG_LEVEL', parseLogLevel, 'info'),
    trustProxy: read<Config['trustProxy']>('TRUST_PROXY', parseTrustProxy, false),
  }
  if (environment.SECRET_KEY !== undefined && environment.SECRET_KEY_FILE !== undefined)
    problems.push('SECRET_KEY and SECRET_KEY_FILE are both set: give one of them')
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems }
}

/**
 * The settings with the port that was really bound: with PORT=0 and no PUBLIC_URL, links must name that port.
 */
export function withBoundPort(config: Config, port: number): Config {
  const publicUrl = config.publicUrl === localUrl(config.port) ? localUrl(port) : config.publicUrl
  return { ...config, port, publicUrl }
}

function localUrl(port: number): string {
  return `http://localhost:${port}`
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 0 && port <= highestPort)) throw new BadValue(`must be a whole number from 0 to ${highestPort}`)
  return port
}

function parseHost(text: string): string {
  if (isIP(text) === 0 && !hostName.test(text)) throw new BadValue('must be an IP address or a host name')
  // Four or fewer groups of digits that are no address: the resolver would guess one.
  if (isIP(text) === 0 && /^[\d.]+$/.test(text)) throw new BadValue('must be an IP address or a host name')
  return text
}

function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    !/\s/.test(text) &&
    url.username + url.password + url.search + url.hash === '' &&
    url.pathname === '/' &&
    !/[?#@\\]/.test(text)
  if (!isOrigin) throw new BadValue('must be an origin without a path, such as https://countersign.example.com')
  return url.origin
}

function parseRegion(text: string): RegionName {
  const region = regionNames.find((name) => name === text)
  if (region === undefined) throw new BadValue(`must be one of ${regionNames.join(', ')}, or unset`)
  return region
}

function parsePath(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new BadValue('must be a path')
  return text
}

function parseDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPostgres = url !== null && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')
  if (!isPostgres || !/^postgres(ql)?:\/\//.test(text) || /\s/.test(text) || !isDecodable(url))
    throw new BadValue(
      'must begin with postgres:// or postgresql://, such as postgres://user:password@host:5432/database',
    )
  return text
}

/** The driver decodes these parts; a lone % would stop it with a message that quotes the password. */
function isDecodable(url: URL): boolean {
  try {
    return decodeURIComponent(`${url.username}:${url.password}@${url.hostname}${url.pathname}`) !== ''
  } catch {
    return false
  }
}

function parseSecretKey(text: string): SecretKeySource {
  return { kind: 'given', keys: parseSecretKeys(text) }
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((name) => name === text)
  if (level === undefined) throw new BadValue(`must be one of ${logLevels.join(', ')}`)
  return level
}

const trustProxyRule = `must be off, the number of proxies in front (1 to ${mostHops}), or their addresses as a comma-separated list of IP addresses and CIDR ranges`

/** Never `true`: whoever may name their own address may also forge it. */
function parseTrustProxy(text: string): Config['trustProxy'] {
  if (text === 'off') return false
  if (/^\d+$/.test(text)) {
    const hops = Number(text)
    if (hops > mostHops) throw new BadValue(trustProxyRule)
    return hops === 0 ? false : hops
  }
  const ranges = text.split(',').map((part) => part.trim())
  if (!ranges.every(isAddressRange)) throw new BadValue(trustProxyRule)
  return ranges
}

function isAddressRange(text: string): boolean {
  if (!text.includes('/')) return isIP(text) !== 0
  // A range of everything is `true` in disguise.
  return ipaddr.isValidCIDR(text) && isIP(text.split('/')[0] ?? '') !== 0 && ipaddr.parseCIDR(text)[1] > 0
}
