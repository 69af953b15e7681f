import type { RunningServer } from '#server/server.ts'

/** Whatever hangs, the process is gone after this. */
const endWithinMs = 25_000

/** A second Ctrl-C sooner than this is the first one, passed on by a launcher. */
const sameSignalMs = 1_000

/**
 * SIGTERM or SIGINT: readiness turns red, requests under way are finished, deliveries are handed back, the database is
 * closed, exit code 0. A signal to the group reaches us more than once, since launchers pass on what they get: only a
 * second Ctrl-C of a person who will not wait ends the process at once.
 */
export function stopOnSignal(server: RunningServer): void {
  let stoppingSince: number | null = null
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== null) {
      if (signal === 'SIGINT' && performance.now() - stoppingSince > sameSignalMs) process.exit(1)
      return
    }
    stoppingSince = performance.now()
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
