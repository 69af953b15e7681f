import { Connection } from './connection.ts'
import { type Expected, type Outcome, Tally } from './outcome.ts'

export interface OpenLoop {
  port: number
  perSecond: number
  expected: Expected
}

/** Connections that are open before the clock starts; more are opened when all are busy. */
const openedBefore = 32
/** How often it is looked whether a request is due, in milliseconds. */
const tickMs = 1

/**
 * Requests at fixed times, whether or not earlier ones have been answered. Latency counts from the time at which a
 * request was to be sent, so a target that stalls pays for every request that came due meanwhile.
 */
export async function openLoop(requests: readonly Buffer[], { port, perSecond, expected }: OpenLoop): Promise<Outcome> {
  const idle = await Promise.all(Array.from({ length: openedBefore }, () => Connection.open(port)))
  const tally = new Tally(expected)
  const startedAt = performance.now()
  const { promise, resolve } = Promise.withResolvers<void>()
  const settled = (connection: Connection | null): void => {
    if (connection !== null) idle.push(connection)
    if (tally.count === requests.length) resolve()
  }
  const send = (connection: Connection, request: Buffer, dueAt: number): void => {
    connection.send(
      request,
      (answer) => {
        tally.answered(answer, performance.now() - dueAt)
        settled(connection)
      },
      (error) => {
        tally.broken(error)
        settled(null)
      },
    )
  }
  const sendOverNew = async (request: Buffer, dueAt: number): Promise<void> => {
    try {
      send(await Connection.open(port), request, dueAt)
    } catch (error) {
      tally.broken(error instanceof Error ? error : new Error(String(error)))
      settled(null)
    }
  }
  let next = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond
    for (let request = requests[next]; request !== undefined && next <= due; request = requests[next]) {
      const dueAt = startedAt + (next / perSecond) * 1_000
      let connection = idle.pop()
      while (connection?.isOpen === false) connection = idle.pop()
      if (connection === undefined) void sendOverNew(request, dueAt)
      else send(connection, request, dueAt)
      next += 1
    }
    if (next === requests.length) clearInterval(timer)
  }, tickMs)
  await promise
  const tookMs = performance.now() - startedAt
  for (const connection of idle) connection.close()
  return { tookMs, ...tally.outcome }
}
