import type { Changes } from './changes.ts'
import type { AnyService } from './seed.ts'

/** One exchange between the server under test and a platform. */
export interface WireEntry {
  id: number
  /** Milliseconds since the epoch, on the platforms' clock. */
  at: number
  /** `in`: the server called the platform; `out`: the platform called the server; `page`: a browser called. */
  direction: 'in' | 'out' | 'page'
  platform: AnyService
  appId?: string
  method: string
  path: string
  /** HTTP status; 0 when no answer went over the wire. */
  status: number
  /** The platform's own code, where the answer carried one. */
  code?: number | string
  ms: number
  requestHeaders: Record<string, string>
  requestBody: string
  /** The decrypted callback, when what went out was encrypted. */
  plainBody?: string
  responseHeaders: Record<string, string>
  responseBody: string
  /** Why it ended the way it did: a fault, a time-out, a refused connection. */
  note?: string
}

/** A bounded record of all traffic, newest last. */
export interface Wire {
  readonly entries: WireEntry[]
  record(entry: Omit<WireEntry, 'id'>): WireEntry
  clear(): void
}

const KEPT_ENTRIES = 5_000
const KEPT_BODY_CHARACTERS = 20 * 1024

export function createWire(changes: Changes): Wire {
  const entries: WireEntry[] = []
  let lastId = 0
  return {
    entries,
    record: (draft) => {
      lastId += 1
      const entry: WireEntry = {
        ...draft,
        id: lastId,
        requestBody: shorten(draft.requestBody),
        responseBody: shorten(draft.responseBody),
      }
      if (draft.plainBody !== undefined) entry.plainBody = shorten(draft.plainBody)
      entries.push(entry)
      if (entries.length > KEPT_ENTRIES) entries.shift()
      changes.announce({ kind: 'wire', entryId: lastId })
      return entry
    },
    clear: () => {
      entries.length = 0
    },
  }
}

const secretKeys =
  '(app_secret|client_secret|tenant_access_token|app_access_token|access_token|refresh_token|code_verifier|ticket|verification_token|encrypt_key|encryption_key|token|accessToken|refreshToken|appSecret|appsecret|clientSecret|apiSecret|jsapiTicket|sessionWebhook)'
const secretInJson = new RegExp(`("${secretKeys}"\\s*:\\s*)"[^"]*"`, 'g')
const secretInQuery = /([?&](?:code|access_token|token|appsecret|ticket|session|authCode|key|sign)=)[^&]+/g

/** The same entry with every secret hidden: what people may see on the screen or paste into an issue. */
export function maskSecrets(entry: WireEntry): WireEntry {
  const requestHeaders = { ...entry.requestHeaders }
  if (requestHeaders.authorization !== undefined) requestHeaders.authorization = 'Bearer ••••'
  for (const name of ['x-acs-dingtalk-access-token', 'sign', 'x-ddpaas-signature']) {
    if (requestHeaders[name] !== undefined) requestHeaders[name] = '••••'
  }
  // Cookies know no ports: on one machine the app's own session travels to us as well.
  if (requestHeaders.cookie !== undefined) requestHeaders.cookie = '••••'
  return {
    ...entry,
    path: entry.path.replace(secretInQuery, '$1••••'),
    requestHeaders,
    requestBody: maskBody(entry.requestBody),
    responseBody: maskBody(entry.responseBody),
    ...(entry.plainBody === undefined ? {} : { plainBody: maskBody(entry.plainBody) }),
  }
}

function maskBody(body: string): string {
  return body.replace(secretInJson, '$1"••••"').replace(/("code"\s*:\s*)"[A-Za-z0-9_-]{20,}"/g, '$1"••••"')
}

function shorten(body: string): string {
  return body.length <= KEPT_BODY_CHARACTERS
    ? body
    : `${body.slice(0, KEPT_BODY_CHARACTERS)}… (${body.length} characters)`
}
