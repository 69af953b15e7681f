import { ConfigError } from './config/config.ts'
import { SecretKeyError } from './crypto/key-ring.ts'
import { stopOnSignal } from './ops/shutdown.ts'
import { startServer } from './server.ts'

try {
  const server = await startServer()
  stopOnSignal(server)
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof SecretKeyError)) throw error
  // One line for each problem, for a person at a terminal: the log has not begun.
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
