import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'
import { type Config, ConfigError, loadConfig, withBoundPort } from './config/config.ts'
import { type Context, createContext, type Overrides } from './context.ts'
import { firstAdministratorLink } from './first-start/first-start.ts'
import { logOf } from './log.ts'

/** A host that answers requests. */
export interface RunningServer {
  readonly context: Context
  /** PUBLIC_URL. */
  readonly url: string
  readonly port: number
  /** Resolves when every delivery that is due now has been worked on, every code sent, and every directory read. */
  drain(): Promise<void>
  /** Refuses new requests, finishes those under way, hands back deliveries, closes the database. */
  stop(): Promise<void>
}

/*
 * Slow requests are cut off, headers are bounded, connections are counted: see docs/operations.md. Keep-alive outlives the
 * 60 seconds that most proxies keep idle connections for.
 */
const httpOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1_024,
} as const
const maxConnections = 2_000
const maxHeaders = 100
/** Requests under way get this long at a stop, before their connections are closed. */
const stopWithinMs = 10_000
const sweepEveryMs = 50

const starting: RequestListener = (_req, res) => {
  res.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' }).end('{"status":"starting"}')
}

/** Starts a host with the environment's settings, or those given. Throws ConfigError with every problem. */
export async function startServer(
  source?: { folder: string; variables: NodeJS.ProcessEnv },
  overrides: Overrides = {},
): Promise<RunningServer> {
  const config = loadConfig(source?.folder, source?.variables)
  let listener: RequestListener = starting
  const http = createServer(httpOptions, (req, res) => listener(req, res))
  http.maxConnections = maxConnections
  http.maxHeadersCount = maxHeaders
  // The port is bound first: with PORT=0 links must name the port that was given.
  const port = await listen(http, config)
  try {
    const context = await createContext(withBoundPort(config, port), overrides)
    listener = createApp(context)
    context.worker.start()
    context.connections.start()
    context.registrations.start()
    await greetFirstAdministrator(context)
    context.dailyReports.start()
    context.rerouting.start()
    context.overdueTrials.start()
    logOf(context.log, 'ops').info({ port, region: config.region, url: context.config.publicUrl }, 'listening')
    return running(http, context, port)
  } catch (error) {
    http.close()
    http.closeAllConnections()
    throw error
  }
}

/** For the person at the terminal, and for nobody who reads the log. */
async function greetFirstAdministrator({ store, config, greet }: Context): Promise<void> {
  const link = await firstAdministratorLink(store, { publicUrl: config.publicUrl, now: Date.now() })
  if (link !== null) greet(`To set Countersign up, log in once within 24 hours:\n${link}`)
}

function listen(http: Server, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ConfigError([`PORT ${port} on HOST ${host} cannot be listened on (${error.code ?? error.message})`]))
    })
    http.listen(port, host, () => resolve((http.address() as AddressInfo).port))
  })
}

function running(http: Server, context: Context, port: number): RunningServer {
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    context.beginDraining()
    const closed = new Promise<void>((resolve) => http.close(() => resolve()))
    // A kept-alive connection is idle only once its last answer has gone out, so this is asked again and again.
    const sweep = setInterval(() => http.closeIdleConnections(), sweepEveryMs)
    const timer = setTimeout(() => http.closeAllConnections(), stopWithinMs)
    await closed
    clearInterval(sweep)
    clearTimeout(timer)
    await context[Symbol.asyncDispose]()
  }
  return {
    context,
    url: context.config.publicUrl,
    port,
    async drain() {
      await context.rerouting.drain()
      await context.worker.drain()
      await context.notificationSettingsDeps.codeSender.drain()
      await context.directoryReader.drain()
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
