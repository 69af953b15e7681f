import type { LookupAddress } from 'node:dns'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileUrls as hostile } from './_hostile-urls.ts'
import { createEgress, type Egress, EgressRefused, guardedLookup } from './egress.ts'
import { guardedPost, NoAnswer } from './guarded-post.ts'

/*
 * What counts is not that a call fails but that nothing is ever connected to: a canary listens on loopback, on every
 * address of this machine, and counts.
 */

let connections = 0
let listeners: Server[] = []
let port = 0

function listen(host: string, onPort: number): Promise<Server | null> {
  const server = createServer((socket: Socket) => {
    connections += 1
    socket.resume().end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
  })
  return new Promise((resolve) => {
    // A machine without IPv6 has nothing there that could be reached.
    server.once('error', () => resolve(null))
    server.listen(onPort, host, () => resolve(server))
  })
}

beforeAll(async () => {
  const first = await listen('0.0.0.0', 0)
  const address = first?.address()
  if (first === null || address === null || address === undefined || typeof address === 'string') {
    throw new Error('the canary cannot listen')
  }
  port = address.port
  const second = await listen('::1', port)
  listeners = [first, second].filter((server) => server !== null)
})

afterAll(async () => {
  await Promise.all(listeners.map((server) => new Promise((resolve) => server.close(resolve))))
})

const answering =
  (...answers: LookupAddress[][]) =>
  (_name: string, _options: unknown, callback: (error: null, addresses: LookupAddress[]) => void): void => {
    const next = answers.length > 1 ? answers.shift() : answers[0]
    callback(null, next ?? [])
  }
const v4 = (address: string): LookupAddress => ({ address, family: 4 })
const v6 = (address: string): LookupAddress => ({ address, family: 6 })

function post(egress: Egress, url: string): Promise<unknown> {
  return guardedPost(egress, { url, headers: {}, body: '{}' }, 2_000)
}

describe('an address that is not public', () => {
  const egress = createEgress({ allowPrivateNetworks: false })

  it(`is never connected to, however it is written (${hostile.length} ways)`, async () => {
    connections = 0
    for (const written of hostile) {
      const url = written.replace('PORT', String(port))
      const refused = await post(egress, url).catch((error: unknown) => error)
      expect(refused, url).toBeInstanceOf(Error)
      const isOurRefusal = refused instanceof EgressRefused || (refused instanceof TypeError && !URL.canParse(url))
      expect(isOurRefusal, `${url}: ${String(refused)}`).toBe(true)
    }
    expect(hostile.length).toBeGreaterThanOrEqual(60)
    expect(connections).toBe(0)
  })

  it('is stopped at the agent too, where nobody has looked at the address before', async () => {
    connections = 0
    for (const host of ['127.0.0.1', '::1', '[::1]', '::ffff:127.0.0.1', '0.0.0.0', '10.0.0.1']) {
      const socket = egress.httpAgent.createConnection({ host, port })
      const error = await new Promise((resolve) => socket?.once('error', resolve))
      expect(error, host).toBeInstanceOf(EgressRefused)
    }
    const secure = egress.httpsAgent.createConnection({ host: '127.0.0.1', port })
    expect(await new Promise((resolve) => secure?.once('error', resolve))).toBeInstanceOf(EgressRefused)
    expect(connections).toBe(0)
  })

  it('is refused behind a name, even when only one of several addresses is bad', async () => {
    connections = 0
    const publicAddress = v4('93.184.216.34')
    const answers = [
      [v4('127.0.0.1')],
      [v6('::1')],
      [publicAddress, v4('127.0.0.1')],
      [v4('127.0.0.1'), publicAddress],
      [v6('2606:4700::1111'), v6('::ffff:7f00:1')],
      [v4('169.254.169.254')],
      [v6('fe80::1%lo')],
      [],
    ]
    for (const addresses of answers) {
      const guarded = createEgress({ allowPrivateNetworks: false }, { resolve: answering(addresses) })
      for (const scheme of ['http', 'https']) {
        await expect(
          post(guarded, `${scheme}://rebound.example:${port}/`),
          JSON.stringify(addresses),
        ).rejects.toBeInstanceOf(EgressRefused)
      }
    }
    expect(connections).toBe(0)
  })

  it('is never handed to the socket by a name that changes its mind, in 1,000 look-ups', async () => {
    const good = [v4('93.184.216.34')]
    const bad = [v4('127.0.0.1')]
    const asked: LookupAddress[][] = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? good : bad))
    const lookup = guardedLookup({ allowPrivateNetworks: false }, answering(...asked))
    const handedOver = new Set<string>()
    let refusals = 0
    for (let n = 0; n < 1_000; n += 1) {
      await new Promise<void>((resolve) => {
        lookup('flip.example', { all: n % 3 === 0 }, (error, address) => {
          if (error !== null) refusals += 1
          else for (const one of typeof address === 'string' ? [v4(address)] : address) handedOver.add(one.address)
          resolve()
        })
      })
    }
    expect(refusals).toBe(500)
    expect([...handedOver]).toEqual(['93.184.216.34'])
  })
})

describe('private networks, where the tenant allows them', () => {
  it('can be called', async () => {
    connections = 0
    const egress = createEgress({ allowPrivateNetworks: true })
    expect(await post(egress, `http://127.0.0.1:${port}/`)).toMatchObject({ status: 204 })
    const named = createEgress({ allowPrivateNetworks: true }, { resolve: answering([v4('127.0.0.1')]) })
    expect(await post(named, `http://inside.example:${port}/`)).toMatchObject({ status: 204 })
    expect(connections).toBe(2)
  })

  it('never include the addresses where a machine keeps its credentials, or what is no address of anybody', async () => {
    connections = 0
    const egress = createEgress({ allowPrivateNetworks: true })
    for (const host of [
      '169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
      '[fd00:ec2::254]',
      '[fd20:ce::254]',
      '0.0.0.0',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::7f00:1]',
      '[64:ff9b::7f00:1]',
      '[fe80::1]',
      '255.255.255.255',
    ]) {
      await expect(post(egress, `http://${host}:${port}/`), host).rejects.toBeInstanceOf(EgressRefused)
    }
    expect(connections).toBe(0)
  })
})

describe('posting', () => {
  const egress = createEgress({ allowPrivateNetworks: true })

  async function answered(answer: (socket: Socket) => void): Promise<{ url: string } & AsyncDisposable> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => answer(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return {
      url: `http://127.0.0.1:${address.port}/`,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  it('follows no redirect', async () => {
    connections = 0
    for (const status of [301, 302, 303, 307, 308]) {
      await using server = await answered((socket) =>
        socket.end(`HTTP/1.1 ${status} Moved\r\nlocation: http://127.0.0.1:${port}/\r\ncontent-length: 0\r\n\r\n`),
      )
      expect(await post(egress, server.url)).toMatchObject({ status })
    }
    expect(connections).toBe(0)
  })

  it('reads no more than 64 KB of an answer, and keeps its status', async () => {
    await using server = await answered((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n')
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(16_384, 120)));
        socket.once('drain', more)
      }
      more()
    })
    const { status, text } = await guardedPost(egress, { url: server.url, headers: {}, body: '{}' })
    expect(status).toBe(200)
    expect(text).toHaveLength(65_536)
  })

  it('gives up on a server that keeps silent, and says that the request may have arrived', async () => {
    await using server = await answered(() => undefined)
    const error = await guardedPost(egress, { url: server.url, headers: {}, body: '{}' }, 200).catch(
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(NoAnswer)
    expect(error).toMatchObject({ code: 'timeout', mayHaveArrived: true })
  })

  it('knows when nothing can have arrived', async () => {
    const { url } = await (async () => {
      await using closed = await answered(() => undefined)
      return closed
    })()
    await expect(post(egress, url)).rejects.toMatchObject({ code: 'ECONNREFUSED', mayHaveArrived: false })
  })

  it('ends a connection that is not made in time', async () => {
    const hanging = createEgress({ allowPrivateNetworks: true }, { resolve: () => undefined, connectTimeoutMs: 50 })
    await expect(post(hanging, 'http://slow.example/')).rejects.toMatchObject({
      code: 'connect_timeout',
      mayHaveArrived: false,
    })
  })
})
