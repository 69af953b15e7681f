import type { Request, Response } from 'express'
import type { Core } from '#sandbox/core.ts'
import { callFaults, type Fault } from '#sandbox/faults.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { AnyService } from '#sandbox/seed.ts'

const DEFAULT_SLOW_MS = 2_000
const faultsOfServices = [...callFaults.filter((kind) => kind !== 'expired-token'), 'undelivered'] as const

/** One call of the server under test, before anybody has looked who makes it. */
export interface ServiceCall {
  method: string
  /** With its query, as it came. */
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  remoteAddress: string
  /** The service accepts what it is given and nothing arrives; set by a fault. */
  isUndelivered: boolean
}

export interface ServiceReply {
  status: number
  body: JsonObject | string
  headers?: Record<string, string>
  /** The service's own code, for the record. */
  code?: string | number
}

/** A service without log-in of its own people: how it answers, and its own words for the faults of the switchboard. */
export interface Service {
  name: AnyService
  handle(call: ServiceCall): ServiceReply | Promise<ServiceReply>
  tooFast(): ServiceReply
  busy(): ServiceReply
}

/** Serves one call: faults, the service's answer, and a record of both. */
export async function serve(core: Core, service: Service, request: Request, response: Response): Promise<void> {
  const started = performance.now()
  const at = core.clock.now()
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const record = (reply: ServiceReply | undefined, sent: string, note?: string) =>
    core.wire.record({
      at,
      direction: 'in',
      platform: service.name,
      method: request.method,
      path: request.originalUrl,
      status: reply?.status ?? 0,
      ...(reply?.code === undefined ? {} : { code: reply.code }),
      ms: Math.round(performance.now() - started),
      requestHeaders: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)])),
      requestBody: body.toString('utf8'),
      responseHeaders: reply?.headers ?? {},
      responseBody: sent,
      ...(note === undefined ? {} : { note }),
    })
  const target = { platform: service.name, method: request.method, path: request.originalUrl }
  const fault = core.faults.take(faultsOfServices, target)
  if (fault?.kind === 'reset') {
    request.socket.resetAndDestroy()
    return void record(undefined, '', fault.kind)
  }
  // A hanging call keeps its socket until the caller gives up or the sandbox closes.
  if (fault?.kind === 'hang') return void record(undefined, '', 'hang: never answered')
  if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_SLOW_MS)
  const reply =
    refusalOf(service, fault) ??
    (await service.handle({
      method: request.method,
      path: request.originalUrl,
      query: new URL(request.originalUrl, 'http://sandbox').searchParams,
      headers: request.headers,
      body,
      remoteAddress: request.socket.remoteAddress ?? '',
      isUndelivered: fault?.kind === 'undelivered',
    }))
  if (fault?.kind === 'dropped-answer') {
    request.socket.resetAndDestroy()
    return void record(undefined, '', `${fault.kind}: processed with HTTP ${reply.status}`)
  }
  const whole = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  const sent = fault?.kind === 'malformed-answer' ? whole.slice(0, Math.floor(whole.length / 2)) : whole
  const headers = { 'content-type': 'application/json; charset=utf-8', ...reply.headers }
  response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(sent) }).end(sent)
  record({ ...reply, headers }, sent, fault?.kind)
}

/** Faults that answer instead of the service. */
function refusalOf(service: Service, fault: Fault | undefined): ServiceReply | undefined {
  if (fault?.kind === 'rate-limited') return service.tooFast()
  if (fault?.kind !== 'server-error') return undefined
  if (fault.status === undefined) return service.busy()
  return {
    status: fault.status,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>Bad Gateway</h1></body></html>',
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
