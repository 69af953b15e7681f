import type { RunningServer } from '#server/server.ts'

/** Whatever hangs, the process is gone after this. */
const endWithinMs = 25_000

/**
 * SIGTERM or SIGINT: readiness turns red, requests under way are finished, deliveries are handed back, the database is
 * closed, exit code 0. A second signal ends the process at once.
 */
export function stopOnSignal(server: RunningServer): void {
  let isStopping = false
  const onSignal = (): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    setTimeout(() => process.exit(1), endWithinMs).unref()
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`stopping failed: ${error instanceof Error ? error.message : String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
