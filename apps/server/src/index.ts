export { runCli } from './cli/run.ts'
export { ConfigError } from './config/config.ts'
export { type RunningServer, startServer } from './server.ts'
