import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios from 'axios'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiError } from './api-error.ts'
import { createAxiosTransport } from './axios-transport.ts'
import { fetchTransport } from './fetch-transport.ts'
import type { Transport } from './transport.ts'

interface Seen {
  method: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

let server: Server
let origin = ''
let seen: Seen[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body })
      if (request.url === '/hangs') return
      if (request.url === '/drops') request.socket.destroy()
      else if (request.url === '/empty') response.writeHead(204).end()
      else if (request.url === '/page')
        response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
      else if (request.url === '/refused') {
        response.writeHead(409, { 'content-type': 'application/problem+json' }).end('{"code":"already_approved"}')
      } else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const transports: [string, Transport][] = [
  ['fetch', fetchTransport],
  ['axios', createAxiosTransport(axios.create())],
]

describe.each(transports)('the %s transport', (_name, transport) => {
  it('marks every call that changes something, against forged requests', async () => {
    seen = []
    await transport({ method: 'POST', url: `${origin}/`, body: { comment: '同意' } })
    await transport({ method: 'GET', url: `${origin}/` })
    expect(seen[0]?.headers).toMatchObject({ 'x-requested-with': 'countersign', 'content-type': 'application/json' })
    expect(seen[0]?.body).toBe('{"comment":"同意"}')
    expect(seen[1]?.headers['x-requested-with']).toBeUndefined()
  })

  it('sends an empty object where a call that changes something has no body', async () => {
    seen = []
    await transport({ method: 'DELETE', url: `${origin}/empty` })
    expect(seen[0]).toMatchObject({ method: 'DELETE', body: '{}' })
  })

  it('gives status and body of success and refusal alike', async () => {
    expect(await transport({ method: 'GET', url: `${origin}/` })).toEqual({ status: 200, body: { ok: true } })
    expect(await transport({ method: 'GET', url: `${origin}/empty` })).toEqual({ status: 204, body: undefined })
    const refused = await transport({ method: 'POST', url: `${origin}/refused` })
    expect(refused).toEqual({ status: 409, body: { code: 'already_approved' } })
  })

  it('keeps the status of an answer that is no JSON', async () => {
    expect(await transport({ method: 'GET', url: `${origin}/page` })).toEqual({ status: 502, body: undefined })
  })

  it('says network when the connection breaks', async () => {
    const error = await transport({ method: 'GET', url: `${origin}/drops` }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 0, code: 'network', isUnreachable: true })
  })

  it('says aborted when the caller gives up', async () => {
    const controller = new AbortController()
    const call = transport({ method: 'GET', url: `${origin}/hangs`, signal: controller.signal })
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'aborted' })
  })
})
