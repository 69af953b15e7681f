import type { JsonObject } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'

/** The platform's hosts: `api.dingtalk.com` (new), `oapi.dingtalk.com` (old) and the pages of `login.dingtalk.com`. */
export type Host = 'api' | 'oapi' | 'login'

/** One call, before anybody has looked who makes it. */
export interface Call {
  host: Host
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  /** The JSON or form body; an empty object when there was none. */
  body: JsonObject
  /** Scheme and host under which the caller reached this sandbox. */
  origin: string
  /** Length of the body as it came. */
  bytes: number
  /** The caller's own address. */
  remoteAddress: string
  /** Says in its answer that nobody was reached; set by a fault. */
  isUndelivered: boolean
}

/** A call made with an app's access token. */
export interface AppCall extends Call {
  app: DingtalkApp
}

/** A call made with a user's access token. */
export interface UserCall extends AppCall {
  person: Person
}

export interface Reply {
  status: number
  body: JsonObject | string
  headers?: Record<string, string>
}

/**
 * A route of one host. `isCounted`: the call takes from the organisation's monthly quota; tokens, log-in codes and
 * contacts do not (basic-interfaces page).
 */
export type Route = {
  host: Host
  method: 'GET' | 'POST' | 'PUT'
  path: string
  isCounted?: boolean
  /** The route's own words for a refusal that is everywhere else the gateway's. */
  refuse?: (kind: 'too-fast') => Reply | undefined
} & (
  | { auth: 'none'; handle: (call: Call) => Reply | Promise<Reply> }
  | { auth: 'app'; scope?: string; handle: (call: AppCall) => Reply | Promise<Reply> }
  | { auth: 'user'; scope?: string; handle: (call: UserCall) => Reply | Promise<Reply> }
)

/** An answer of the new host. */
export function ok(body: JsonObject): Reply {
  return { status: 200, body }
}

/** An error of the new host: a real HTTP status, and a code that is a word. The code often stands in for the message. */
export function refusal(code: string, status = 400, message = code, more: JsonObject = {}): Reply {
  return { status, body: { code, message, ...more } }
}

/** An answer of the old host. */
export function oldOk(more: JsonObject = {}): Reply {
  return { status: 200, body: { errcode: 0, errmsg: 'ok', ...more } }
}

/** An error of the old host: HTTP 200, and a number that is not 0. */
export function oldRefusal(errcode: number, errmsg: string): Reply {
  return { status: 200, body: { errcode, errmsg } }
}
