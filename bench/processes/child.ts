import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Answer } from './answering.ts'
import { Sample } from './probe.ts'

/** A process of the bench's own. Disposing it ends it. */
export interface Child extends AsyncDisposable {
  readonly name: string
  ask(question: string, argument?: unknown): Promise<unknown>
  sample(): Promise<Sample>
  /** Takes the processor away from it, while another process is measured. */
  pause(): void
  resume(): void
  /** What it has written so far. */
  output(): string
  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  stop(): Promise<void>
}

export interface ChildOptions {
  name: string
  /** TypeScript file, relative to the folder of the bench. */
  file: string
  /** Where its output goes. */
  folder: string
  variables?: Record<string, string>
  nodeArguments?: readonly string[]
}

const probe = new URL('./probe.ts', import.meta.url).href
const endWithinMs = 15_000

/** However the bench ends, nothing of it stays behind; a paused process could not even notice. */
const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.error(`ended by ${signal}`)
    process.exit(1)
  })
}

/** Starts a process. It answers questions once its code has run. */
export function startChild({ name, file, folder, variables = {}, nodeArguments = [] }: ChildOptions): Child {
  const { PATH = '', HOME = '' } = process.env
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'a')
  const main = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = spawn(process.execPath, [...nodeArguments, '--import', probe, main], {
    cwd: folder,
    env: { PATH, HOME, ...variables },
    stdio: ['ignore', output, output, 'ipc'],
  })
  return over(child, name, () => readFileSync(log, 'utf8').slice(-4_000))
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

function over(child: ChildProcess, name: string, output: () => string): Child {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  const exited = once(child, 'exit')
  alive.add(child)
  child.on('message', (message) => {
    const { id, value, error } = Answer.parse(message)
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(value)
    else asked?.reject(new Error(`${name}: ${error}`))
  })
  child.on('exit', () => {
    alive.delete(child)
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended:\n${output()}`))
    waiting.clear()
  })
  const ask: Child['ask'] = (question, argument) =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || !child.connected) {
        reject(new Error(`${name} has ended:\n${output()}`))
        return
      }
      lastId += 1
      waiting.set(lastId, { resolve, reject })
      child.send({ id: lastId, ask: question, argument })
    })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), endWithinMs)
    await exited
    clearTimeout(timer)
  }
  return {
    name,
    ask,
    sample: async () => Sample.parse(await ask('sample')),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    output,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
