import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { provisioning, secretKey } from '../world/tenant.ts'
import { type Child, startChild } from './child.ts'

const readyWithinMs = 60_000

export interface ServerOptions {
  name: string
  /** Holds everything of this server; made if it is not there. */
  folder: string
  larkUrl: string
  /** Writes a CPU profile into the folder when the server ends. */
  profiled?: boolean
}

export interface MeasuredServer extends Child {
  readonly port: number
  readonly url: string
}

/** The settings under which a server is measured, and under which its database is filled. */
export function serverVariables({ folder, larkUrl }: Pick<ServerOptions, 'folder' | 'larkUrl'>, port: number) {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'provisioning.json')
  writeFileSync(file, JSON.stringify(provisioning(larkUrl)))
  return {
    PORT: String(port),
    DATA_DIR: folder,
    SECRET_KEY: secretKey,
    PROVISIONING_FILE: file,
  }
}

/** Starts the server as in production, with its default settings, and resolves once it is ready. */
export async function startMeasuredServer(options: ServerOptions): Promise<MeasuredServer> {
  const port = await freePort()
  const variables = serverVariables(options, port)
  const nodeArguments =
    options.profiled === true ? ['--cpu-prof', `--cpu-prof-dir=${join(options.folder, 'profile')}`] : []
  const file = '../apps/server/src/main.ts'
  const child = startChild({ name: options.name, file, folder: options.folder, variables, nodeArguments })
  const url = `http://127.0.0.1:${port}`
  try {
    await untilReady(url, child)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { ...child, port, url }
}

async function untilReady(url: string, child: Child): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  while (Date.now() < deadline) {
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (isReady) return
    // Throws when the process has ended.
    await child.sample()
    await sleep(50)
  }
  throw new Error(`${child.name} was not ready in ${readyWithinMs} ms:\n${child.output()}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
