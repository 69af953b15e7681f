import { randomBytes } from 'node:crypto'
import type { Core } from '#sandbox/core.ts'
import { callbackFaults } from '#sandbox/faults.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { Poster, PostResult } from '#sandbox/post.ts'
import type { App } from '#sandbox/world.ts'
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
export interface Callbacks {
  seal(app: App, body: JsonObject | string, overrides?: SealOverrides): Sealed
  push(app: App, body: JsonObject, limitMs?: number): Promise<Push>
}

export function createCallbacks(core: Core, poster: Poster): Callbacks {
  const { clock, faults, wire } = core
  let releaseHeld: (() => void) | undefined

  const seal: Callbacks['seal'] = (app, payload, overrides = {}) => {
    const plain = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const encryptKey = overrides.encryptKey ?? app.encryptKey
    const isEncrypted = encryptKey !== undefined && overrides.plain !== true
    // Compact JSON: the SDK hashes what it re-serialises and would refuse any whitespace.
    const body = overrides.rawBody ?? (isEncrypted ? JSON.stringify({ encrypt: encrypt(encryptKey, plain) }) : plain)
    const timestamp = overrides.timestamp ?? String(Math.floor(clock.wallNow() / 1000))
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

  const deliver = async (app: App, sealed: Sealed, limitMs: number, note?: string): Promise<Push> => {
    const at = clock.now()
    const answer = await poster.post(app.callbackUrl, sealed.headers, sealed.body, limitMs)
    const remarks = [note, answer.failure?.message].filter((remark) => remark !== undefined)
    wire.record({
      at,
      direction: 'out',
      platform: app.platform,
      appId: app.appId,
      method: 'POST',
      path: app.callbackUrl,
      status: answer.status,
      ms: Math.round(answer.ms),
      requestHeaders: sealed.headers,
      requestBody: sealed.body,
      ...(sealed.plain === sealed.body ? {} : { plainBody: sealed.plain }),
      responseHeaders: answer.headers,
      responseBody: answer.body,
      ...(remarks.length === 0 ? {} : { note: remarks.join('; ') }),
    })
    return { ...sealed, url: app.callbackUrl, answer, duplicates: [] }
  }

  const hold = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const release = () => {
        clearTimeout(timer)
        if (releaseHeld === release) releaseHeld = undefined
        resolve()
      }
      const timer = setTimeout(release, waitMs)
      releaseHeld = release
    })

  return {
    seal,
    push: async (app, body, limitMs = ANSWER_LIMIT_MS) => {
      const target = { platform: app.platform, method: 'POST', path: app.callbackUrl }
      const sealed = seal(app, body)
      const overtaken = releaseHeld
      const fault = faults.take(
        overtaken === undefined ? callbackFaults : callbackFaults.filter((kind) => kind !== 'callback-reordered'),
        target,
      )
      if (fault?.kind === 'callback-lost') {
        return { ...lost(app, sealed), fault: 'callback-lost' }
      }
      if (fault?.kind === 'callback-reordered') await hold(fault.delayMs ?? REORDER_WAIT_MS)
      const first = deliver(app, sealed, limitMs, fault?.kind)
      const copies =
        fault?.kind === 'callback-duplicated'
          ? [deliver(app, fault.exact ? sealed : seal(app, body), limitMs, 'duplicate delivery')]
          : []
      const push = { ...(await first), duplicates: await Promise.all(copies) }
      overtaken?.()
      return fault?.kind === 'callback-answer-lost' ? { ...push, fault: 'callback-answer-lost' } : push
    },
  }
}

function lost(app: App, sealed: Sealed): Push {
  const failure = { kind: 'connection' as const, message: 'lost on the way to the server' }
  return {
    ...sealed,
    url: app.callbackUrl,
    answer: { status: 0, headers: {}, body: '', ms: 0, failure },
    duplicates: [],
  }
}
