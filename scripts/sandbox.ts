import { ensureBuilt, phones } from './front-end.ts'

// The simulated platforms alone; see apps/sandbox/src/main.ts for its arguments.
await ensureBuilt(phones)
await import('../apps/sandbox/src/main.ts')
