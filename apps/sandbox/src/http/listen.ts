import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

const ATTEMPTS_FOR_A_FREE_PORT = 10
/** As long as the platforms' gateways wait; Node's five seconds would reset calls that cross the closing on a busy machine. */
const KEEP_ALIVE_MS = 65_000

/**
 * Listens on `host`; for 127.0.0.1 and localhost on ::1 too: browsers try that address first for `localhost`, where another
 * program on the same port would answer in our place.
 */
export async function listen(handler: RequestListener, host: string, port: number): Promise<Server[]> {
  if (host !== '127.0.0.1' && host !== 'localhost') return [await listenOn(handler, host, port)]
  for (let attempt = 1; ; attempt += 1) {
    const first = await listenOn(handler, '127.0.0.1', port)
    try {
      return [first, await listenOn(handler, '::1', portOf(first))]
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      // A machine without IPv6 has nobody to answer in our place.
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [first]
      await closeServers([first])
      if (port !== 0 || attempt === ATTEMPTS_FOR_A_FREE_PORT) throw error
    }
  }
}

/** Takes a request for a WebSocket if it is its own; false leaves it to the next. */
export type SocketTaker = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean

/** Offers every request for a WebSocket to the platforms' gateways; what nobody takes is closed. */
export function acceptSockets(servers: Server[], takers: SocketTaker[]): void {
  for (const server of servers) {
    server.on('upgrade', (request, socket, head) => {
      if (!takers.some((take) => take(request, socket, head))) socket.destroy()
    })
  }
}

/** Stops listening and drops whatever hangs. */
export async function closeServers(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    ),
  )
}

function listenOn(handler: RequestListener, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handler)
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
