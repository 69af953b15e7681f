import type { Request, Response } from 'express'
import type { Core } from '#sandbox/core.ts'
import type { Fault } from '#sandbox/faults.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject } from '#sandbox/json.ts'
import type { Reply, Route } from './api.ts'

/** One request and its answer, recorded however it ends. */
export interface Exchange {
  /** The client id, once known. */
  appId: string | undefined
  send(reply: Reply, fault?: Fault): void
  /** Closes the connection without an answer. */
  drop(note: string): void
  /** Records that there will be no answer. */
  note(note: string): void
}

export function createExchange(core: Core, route: Route, request: Request, response: Response): Exchange {
  const started = performance.now()
  const at = core.clock.now()
  const record = (status: number, headers: Record<string, string>, body: string, reply?: Reply, note?: string) => {
    const code = codeOf(reply)
    core.wire.record({
      at,
      direction: isPage(route) ? 'page' : 'in',
      platform: 'dingtalk',
      ...(exchange.appId === undefined ? {} : { appId: exchange.appId }),
      method: request.method,
      path: request.originalUrl,
      status,
      ...(code === undefined ? {} : { code }),
      ms: Math.round(performance.now() - started),
      requestHeaders: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)])),
      requestBody: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
      responseHeaders: headers,
      responseBody: body,
      ...(note === undefined ? {} : { note }),
    })
  }
  const exchange: Exchange = {
    appId: undefined,
    send: (reply, fault) => {
      const whole = typeof reply.body === 'string' ? reply.body : JSON.stringify(withRequestId(route, reply))
      const body = fault?.kind === 'malformed-answer' ? whole.slice(0, Math.floor(whole.length / 2)) : whole
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        server: 'DingTalk/1.0.0',
        'x-acs-request-id': freshId('').toUpperCase(),
        ...reply.headers,
      }
      response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      record(reply.status, headers, body, reply, fault?.kind)
    },
    drop: (note) => {
      request.socket.resetAndDestroy()
      record(0, {}, '', undefined, note)
    },
    note: (note) => record(0, {}, '', undefined, note),
  }
  return exchange
}

/** Pages are fetched by browsers, not by the server under test. */
export function isPage(route: Route): boolean {
  return route.host === 'login'
}

/** Errors of the new host and every answer of the old one name their request. */
function withRequestId(route: Route, { status, body }: Reply) {
  if (typeof body === 'string') return body
  // Addresses that anybody may post to answer with the two fields alone.
  if (route.host === 'oapi' && route.path.startsWith('/robot/')) return body
  if (route.host === 'oapi') return { request_id: freshId(''), ...body }
  return status >= 400 ? { ...body, requestid: freshId('').toUpperCase() } : body
}

function codeOf(reply: Reply | undefined): string | number | undefined {
  if (!isObject(reply?.body)) return undefined
  const { code, errcode } = reply.body
  if (typeof code === 'string') return code
  return typeof errcode === 'number' ? errcode : undefined
}
