import type { JsonObject } from '#sandbox/json.ts'
import type { Platform } from '#sandbox/seed.ts'
import type { App, Person } from '#sandbox/world.ts'

/** One call of the OpenAPI, after authentication. */
export interface Call {
  platform: Platform
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  /** The JSON body; an empty object when there was none. */
  body: JsonObject
  /** The person a browser on this sandbox belongs to, from the `sandbox_person` cookie. */
  cookiePerson?: string
}

/** A call made with a tenant token. */
export interface AppCall extends Call {
  app: App
}

/** A call made with a user token. */
export interface UserCall extends Call {
  app: App
  person: Person
}

export interface Reply {
  status: number
  body: JsonObject | string
  headers?: Record<string, string>
}

/** A route of the platform. `scopes`: any one of them is enough. */
export type Route = { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string } & (
  | { auth: 'none'; handle: (call: Call) => Reply | Promise<Reply> }
  | { auth: 'tenant'; scopes?: string[]; handle: (call: AppCall) => Reply | Promise<Reply> }
  | { auth: 'user'; handle: (call: UserCall) => Reply | Promise<Reply> }
)

/** `{code: 0, msg: "success", data}` with HTTP 200. */
export function success(data: JsonObject = {}): Reply {
  return { status: 200, body: { code: 0, msg: 'success', data } }
}

/** A business error. The send family answers HTTP 400 (send-message.md); older APIs say HTTP 200. */
export function failure(code: number, msg: string, status = 400): Reply {
  return { status, body: { code, msg } }
}

/** HTTP 429 with the seconds to wait, as the gateway of the platform answers (frequency-control page). */
export function rateLimited(limit: number, resetSeconds: number): Reply {
  return {
    status: 429,
    headers: { 'x-ogw-ratelimit-limit': String(limit), 'x-ogw-ratelimit-reset': String(resetSeconds) },
    body: { code: 99991400, msg: 'request trigger frequency limit' },
  }
}
