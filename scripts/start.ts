import { desktopConsole, ensureBuilt, h5 } from './front-end.ts'
import { stopWithLauncher } from './launcher.ts'

// The server alone, with the settings of the environment or .env, in this very process: a signal to it is a signal to us.
await ensureBuilt(h5)
await ensureBuilt(desktopConsole)
await import('../apps/server/src/main.ts')
stopWithLauncher()
