import { randomBytes } from 'node:crypto'
import type { Core } from '#sandbox/core.ts'
import { callbackFaults } from '#sandbox/faults.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { Poster, PostResult } from '#sandbox/post.ts'
import type { App } from '#sandbox/world.ts'
import type { LongConnections } from './long-connection.ts'
import { encrypt, sign } from './seal.ts'

/** Every push must be answered within this time (event-overview.md, step-3-receive-callbacks.md). */
export const ANSWER_LIMIT_MS = 3_000
/** The URL verification must be answered within one second. */
export const CHALLENGE_LIMIT_MS = 1_000
/** How long a callback waits for the one that shall overtake it. */
const REORDER_WAIT_MS = 1_000

/** Departures from a correct callback, for tests of the receiving side. */
export interface SealOverrides {
  /** Unix seconds as text; the wall clock's unless given. */
  timestamp?: string
  nonce?: string
  signature?: string
  /** Encrypts and signs with another key. */
  encryptKey?: string
  /** Leaves the body in plain text although the app has an Encrypt Key (still signed). */
  plain?: boolean
  /** Sent in the place of the sealed body, and signed as such. */
  rawBody?: string
  /** Added to or replacing the headers; an empty value removes one. */
  headers?: Record<string, string>
}

/** Headers and the exact bytes of a push. */
export interface Sealed {
  headers: Record<string, string>
  body: string
  /** The JSON inside. */
  plain: string
}

/** A push and what became of it. */
export interface Push extends Sealed {
  url: string
  answer: PostResult
  /** Further deliveries of the same push, made by a fault. */
  duplicates: Push[]
  /** A fault that changed the way of this push. */
  fault?: 'callback-lost' | 'callback-answer-lost'
}

/** Seals and posts callbacks and events of one platform. */
export class Callbacks {
  readonly #core: Core
  readonly #poster: Poster
  readonly #longConnections: Pick<LongConnections, 'deliver'>
  /** Lets the callback go that waits to be overtaken. */
  #releaseHeld: (() => void) | undefined

  constructor(core: Core, poster: Poster, longConnections: Pick<LongConnections, 'deliver'>) {
    this.#core = core
    this.#poster = poster
    this.#longConnections = longConnections
  }

  /** The exact headers and bytes of a push; nothing is sent. */
  seal(app: App, payload: JsonObject | string, overrides: SealOverrides = {}): Sealed {
    const plain = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const encryptKey = overrides.encryptKey ?? app.encryptKey
    const isEncrypted = encryptKey !== undefined && overrides.plain !== true
    // Compact JSON: the SDK hashes what it re-serialises and would refuse any whitespace.
    const body = overrides.rawBody ?? (isEncrypted ? JSON.stringify({ encrypt: encrypt(encryptKey, plain) }) : plain)
    const timestamp = overrides.timestamp ?? String(Math.floor(this.#core.clock.wallNow() / 1000))
    const nonce = overrides.nonce ?? randomBytes(16).toString('hex')
    const headers: Record<string, string> = { 'Content-Type': 'application/json; charset=utf-8' }
    if (encryptKey !== undefined) {
      headers['X-Lark-Request-Timestamp'] = timestamp
      headers['X-Lark-Request-Nonce'] = nonce
      headers['X-Lark-Signature'] = overrides.signature ?? sign({ timestamp, nonce, encryptKey, body })
    }
    for (const [name, value] of Object.entries(overrides.headers ?? {})) {
      if (value === '') delete headers[name]
      else headers[name] = value
    }
    return { headers, body, plain }
  }

  /** Over the long connection nothing is encrypted or signed. */
  #made(app: App, body: JsonObject): Sealed {
    const plain = JSON.stringify(body)
    return isConnected(app) ? { headers: {}, body: plain, plain } : this.seal(app, plain)
  }

  async #deliver(app: App, sealed: Sealed, limitMs: number, note?: string): Promise<Push> {
    const at = this.#core.clock.now()
    const answer = isConnected(app)
      ? await this.#longConnections.deliver(app, sealed.plain, limitMs)
      : await this.#poster.post(app.callbackUrl, sealed.headers, sealed.body, limitMs)
    return this.#record(app, sealed, at, answer, note)
  }

  #record(app: App, sealed: Sealed, at: number, answer: PostResult, note?: string): Push {
    const remarks = [note, answer.failure?.message].filter((remark) => remark !== undefined)
    this.#core.wire.record({
      at,
      direction: 'out',
      platform: app.platform,
      appId: app.appId,
      method: isConnected(app) ? 'WS' : 'POST',
      path: pathOf(app),
      status: answer.status,
      ms: Math.round(answer.ms),
      requestHeaders: sealed.headers,
      requestBody: sealed.body,
      ...(sealed.plain === sealed.body ? {} : { plainBody: sealed.plain }),
      responseHeaders: answer.headers,
      responseBody: answer.body,
      ...(remarks.length === 0 ? {} : { note: remarks.join('; ') }),
    })
    return { ...sealed, url: pathOf(app), answer, duplicates: [] }
  }

  #hold(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const release = () => {
        clearTimeout(timer)
        if (this.#releaseHeld === release) this.#releaseHeld = undefined
        resolve()
      }
      const timer = setTimeout(release, waitMs)
      this.#releaseHeld = release
    })
  }

  /** Posts a body as this app's push and waits for the answer; the switched-on faults apply. */
  async push(app: App, body: JsonObject, limitMs = ANSWER_LIMIT_MS): Promise<Push> {
    const target = { platform: app.platform, method: 'POST', path: pathOf(app) }
    const sealed = this.#made(app, body)
    const overtaken = this.#releaseHeld
    const fault = this.#core.faults.take(
      overtaken === undefined ? callbackFaults : callbackFaults.filter((kind) => kind !== 'callback-reordered'),
      target,
    )
    if (fault?.kind === 'callback-lost') {
      return { ...this.#record(app, sealed, this.#core.clock.now(), lost), fault: fault.kind }
    }
    if (fault?.kind === 'callback-reordered') await this.#hold(fault.delayMs ?? REORDER_WAIT_MS)
    const first = this.#deliver(app, sealed, limitMs, fault?.kind)
    const copies =
      fault?.kind === 'callback-duplicated'
        ? [this.#deliver(app, fault.exact ? sealed : this.#made(app, body), limitMs, 'duplicate delivery')]
        : []
    const push = { ...(await first), duplicates: await Promise.all(copies) }
    overtaken?.()
    return fault?.kind === 'callback-answer-lost' ? { ...push, fault: 'callback-answer-lost' } : push
  }
}

function isConnected(app: App): boolean {
  return app.connection === 'long-connection'
}

function pathOf(app: App): string {
  return isConnected(app) ? '(long connection)' : app.callbackUrl
}

/** What the client knows of a push that never arrived. */
const lost: PostResult = {
  status: 0,
  headers: {},
  body: '',
  ms: 0,
  failure: { kind: 'connection', message: 'lost on the way to the server' },
}
