import { once } from 'node:events'
import type { Server } from 'node:http'

/** Listens on a free port of loopback and returns it. */
export async function listenAnywhere(server: Server): Promise<number> {
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
