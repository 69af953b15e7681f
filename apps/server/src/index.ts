export { ConfigError } from './config/config.ts'
export { type RunningServer, startServer } from './server.ts'
