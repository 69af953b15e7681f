import { Connection } from './connection.ts'
import { type Expected, type Outcome, Tally } from './outcome.ts'

export interface ClosedLoop {
  port: number
  connections: number
  expected: Expected
}

/** As fast as the target answers: each connection sends its next request when it has the answer to the one before. */
export async function closedLoop(
  requests: readonly Buffer[],
  { port, connections, expected }: ClosedLoop,
): Promise<Outcome> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  const tally = new Tally(expected)
  let next = 0
  const startedAt = performance.now()
  const drive = (connection: Connection): Promise<void> =>
    new Promise((resolve) => {
      const step = (): void => {
        const request = requests[next]
        if (request === undefined) {
          resolve()
          return
        }
        next += 1
        const sentAt = performance.now()
        connection.send(
          request,
          (answer) => {
            tally.answered(answer, performance.now() - sentAt)
            step()
          },
          (error) => {
            tally.broken(error)
            resolve()
          },
        )
      }
      step()
    })
  await Promise.all(open.map(drive))
  const tookMs = performance.now() - startedAt
  for (const connection of open) connection.close()
  return { tookMs, ...tally.outcome }
}
