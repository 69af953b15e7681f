import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The server as its own process, for tests that kill it. */
export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** What it has written so far. */
  output(): string
  /** SIGKILL: no good-bye. Resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>
}

const main = fileURLToPath(new URL('../apps/server/src/main.ts', import.meta.url))
const readyWithinMs = 20_000

/** Starts `main.ts` with these settings and resolves once `/readyz` is green. Throws with its output if it ends first. */
export async function startProcess(variables: Record<string, string>, folder: string): Promise<ServerProcess> {
  const child = launch(variables, folder)
  const url = `http://127.0.0.1:${variables.PORT}`
  await untilReady(url, child)
  return {
    url,
    pid: child.process.pid ?? 0,
    output: child.output,
    async kill() {
      child.process.kill('SIGKILL')
      await child.exited
    },
    async terminate() {
      child.process.kill('SIGTERM')
      return child.exited
    },
  }
}

/** Runs `main.ts` until it ends by itself: what it says and its exit code. */
export async function runToEnd(
  variables: Record<string, string>,
  folder: string,
): Promise<{ code: number | null; output: string }> {
  const child = launch(variables, folder)
  return { code: await child.exited, output: child.output() }
}

interface Launched {
  process: ChildProcess
  output: () => string
  exited: Promise<number | null>
}

function launch(variables: Record<string, string>, folder: string): Launched {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH, HOME, LOG_LEVEL: 'warn', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return { process: child, output: () => output, exited }
}

async function untilReady(url: string, child: Launched): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  let ended = false
  void child.exited.then(() => {
    ended = true
  })
  while (Date.now() < deadline) {
    if (ended) throw new Error(`the server ended before it was ready:\n${child.output()}`)
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the server was not ready in ${readyWithinMs} ms:\n${child.output()}`)
}

/** A port that nobody listens on, for a process that has to come back on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
