import {
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  destination as openDestination,
  pino,
} from 'pino'
import type { LogLevel } from './config/config.ts'
import type { Sealer } from './crypto/seal.ts'

export type Log = Logger
/** The little of it that is also spoken where a person looks on: at the command line. */
export interface PlainLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Every part of the server that logs. Each line carries its name as `subsystem`. */
export type Subsystem =
  | 'http'
  | 'callbacks'
  | 'channels'
  | 'delivery'
  | 'tickets'
  | 'session'
  | 'provisioning'
  | 'store'
  | 'ops'

export interface LogOptions {
  level: LogLevel
  /** Where lines go; standard output unless given. */
  destination?: DestinationStream
  /** Values that must never be seen, wherever in a line they stand. May grow while the server runs. */
  secrets?: KnownSecrets
}

/** The one way to log: JSON lines, secrets and personal data taken out. Fields first, then one sentence. */
export function createLog(options: LogOptions): Log {
  const out = options.destination ?? openDestination({ fd: 1, sync: true })
  const { secrets } = options
  const stream = secrets === undefined ? out : { write: (line: string) => void out.write(secrets.redact(line)) }
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => scrubFields(fields, 0) },
      // The error is turned into plain fields by `scrub`; pino's own serialiser would copy every property of it.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args
          const scrubbed: unknown[] = [
            typeof first === 'string' ? maskPersonal(first) : first,
            ...rest.map((part) => scrub(part, 1)),
          ]
          Reflect.apply(method, this, first instanceof Error ? [{ err: first }, ...scrubbed.slice(1)] : scrubbed)
        },
      },
    },
    stream,
  )
  // The formatter above is not asked about the fields of a child log. Children inherit this from their parent.
  const { child } = log
  log.child = function scrubbedChild<Levels extends string = never>(
    this: Log,
    fields: object,
    options?: ChildLoggerOptions<Levels>,
  ): Logger<Levels> {
    return Reflect.apply(child, this, [scrubFields(fields, 0), options])
  }
  return log
}

/** The log of one part of the server. */
export function logOf(log: Log, subsystem: Subsystem): Log {
  return log.child({ subsystem })
}

const redacted = '[redacted]'
/** Deeper things are not shown: a hostile body may be nested thousands deep. */
const deepest = 6
const longestList = 50
const longestText = 2_000

/** Compared in lower case without `_` and `-`. Ends: `appSecret`, `x-lark-signature`, `access_token` match too. */
const secretEnds = [
  'secret',
  'secrets',
  'token',
  'password',
  'passwd',
  'authorization',
  'cookie',
  'cookies',
  'signature',
  'key',
  'apikey',
  'credential',
  'credentials',
  'verifier',
  'nonce',
  'proof',
]
const secretNames = new Set(['code', 'state', 'email', 'mobile', 'phone', 'address', 'smtpurl', 'databaseurl'])
/** What a ticket says is between its people. */
const ticketBody = new Set([
  'title',
  'description',
  'fields',
  'comment',
  'reason',
  'content',
  'text',
  'sql',
  'body',
  'card',
  'attachments',
  'payload',
])
/** End like a secret and are none. */
const harmless = new Set(['noticekey', 'idempotencykey', 'keyid', 'apikeyname'])

function isHidden(name: string): boolean {
  const plain = name.toLowerCase().replace(/[_-]/g, '')
  if (harmless.has(plain)) return false
  return secretNames.has(plain) || ticketBody.has(plain) || secretEnds.some((end) => plain.endsWith(end))
}

function scrubFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isHidden(name) && value !== null && value !== undefined ? redacted : scrub(value, depth + 1),
    ]),
  )
}

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskPersonal(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`
  if (depth > deepest) return '[deeper]'
  if (value instanceof Error) return describeError(value, depth)
  if (Array.isArray(value)) return value.slice(0, longestList).map((item) => scrub(item, depth + 1))
  return scrubFields(value, depth)
}

/** Only what is known to be harmless: an HTTP client's error carries the whole request, with its headers. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const { code, kind, retryAfterMs } = error as { code?: unknown; kind?: unknown; retryAfterMs?: unknown }
  return {
    type: error.name,
    message: maskPersonal(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    stack: maskPersonal(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth + 1) }),
  }
}

const phoneNumber = /\+\d[\d\s()-]{5,16}\d/g
const emailAddress = /([A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*@([A-Za-z0-9-]+\.[A-Za-z0-9.-]+)/g

/** Links in mails: what follows lets its holder act for somebody. */
const secretPath = /(\/(?:decision-links|mail-notices)\/)[^\s"'<>]+/g

/** `+6591234567` becomes `+65****67`, `alice@acme.test` becomes `a***@acme.test`; a line stays a line. */
function maskPersonal(text: string): string {
  return text
    .slice(0, longestText)
    .replace(phoneNumber, (number) => `${number.slice(0, 3)}****${number.slice(-2)}`)
    .replace(emailAddress, '$1***@$2')
    .replace(secretPath, '$1…')
}

/** Shorter values would black out ordinary words. */
const shortestSecret = 6

/** Values taken out of every line by exact match, whatever field or sentence they got into. */
export class KnownSecrets {
  #values = new Set<string>()
  #pattern: RegExp | null = null

  add(...secrets: string[]): void {
    for (const secret of secrets.filter((value) => value.length >= shortestSecret)) {
      if (this.#values.has(secret)) continue
      this.#values.add(secret)
      // In a JSON line quotes and backslashes stand escaped.
      this.#values.add(JSON.stringify(secret).slice(1, -1))
      this.#pattern = null
    }
  }

  redact(line: string): string {
    if (this.#values.size === 0) return line
    this.#pattern ??= patternOf(this.#values)
    return line.replace(this.#pattern, redacted)
  }
}

function patternOf(values: Iterable<string>): RegExp {
  // Longest first, so that a secret holding another one goes as a whole.
  const longestFirst = [...values].sort((one, other) => other.length - one.length)
  return new RegExp(longestFirst.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
}

/** A sealer whose secrets the log knows: whatever is sealed or opened can no longer be logged. */
export function sealerKnownTo(secrets: KnownSecrets, sealer: Sealer): Sealer {
  return {
    ...sealer,
    seal(plaintext, context) {
      secrets.add(plaintext)
      return sealer.seal(plaintext, context)
    },
    open(sealed, context) {
      const plaintext = sealer.open(sealed, context)
      secrets.add(plaintext)
      return plaintext
    },
  }
}
