import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Core } from '#sandbox/core.ts'
import { connectionFaults } from '#sandbox/faults.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'
import { type Call, ok, type Reply, type Route, refusal } from '#sandbox/platforms/dingtalk/api.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import { type Outcome, StreamConnection, type Subscription } from './connection.ts'
import type { Frame } from './frames.ts'

export const CARD_TOPIC = '/v1.0/card/instances/callback'
export const ROBOT_TOPIC = '/v1.0/im/bot/messages/get'
/** Where clients connect, below the sandbox's address. */
export const CONNECT_PATH = '/dingtalk/stream/connect'

/** A ticket opens one connection, within this time. */
const TICKET_LIFE_MS = 90_000
const PING_LIMIT_MS = 5_000

interface Ticket {
  appKey: string
  subscriptions: Subscription[]
  expiresAt: number
}

/** What became of a push. */
export interface StreamPush {
  /** The frame as sent; empty when nobody was connected. */
  frame: string
  /** The acknowledgement's code; 0 when there was none. */
  code: number
  /** JSON of `response` inside the acknowledgement; for events the whole data. */
  answer: string
  ms: number
  failure?: string
}

/** Tickets, connections, and the choice among them (section 6). */
export class StreamGateway {
  readonly routes: Route[]
  readonly #core: Core
  readonly #settings: DingtalkSettings
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #tickets = new Map<string, Ticket>()
  readonly #connections = new Set<StreamConnection>()
  #pinging: NodeJS.Timeout | undefined

  constructor(core: Core, settings: DingtalkSettings) {
    this.#core = core
    this.#settings = settings
    this.routes = [
      {
        host: 'api',
        method: 'POST',
        path: '/v1.0/gateway/connections/open',
        auth: 'none',
        handle: (call) => this.#open(call),
      },
    ]
  }

  /** Connections of an app, oldest first. */
  connections(appKey: string): StreamConnection[] {
    return [...this.#connections].filter((connection) => connection.appKey === appKey)
  }

  /** Takes an upgrade request if it is for this gateway. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox')
    if (pathname !== CONNECT_PATH) return false
    const key = searchParams.get('ticket') ?? ''
    const ticket = this.#tickets.get(key)
    this.#tickets.delete(key)
    if (ticket === undefined || ticket.expiresAt <= this.#core.clock.now()) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return true
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new StreamConnection(ticket.appKey, ticket.subscriptions, webSocket)
      this.#connections.add(connection)
      webSocket.on('close', () => {
        this.#connections.delete(connection)
        this.#core.changes.announce({ kind: 'connections' })
      })
      this.#core.changes.announce({ kind: 'connections' })
      this.#keepPinging()
    })
    return true
  }

  /** Sends one frame to one of the app's connections, chosen at random among those that asked for it. */
  async push(app: DingtalkApp, frame: Frame, limitMs: number): Promise<StreamPush> {
    const open = this.connections(app.appKey).filter((one) => !one.isLeaving && one.wants(frame.type, frame.topic))
    const chosen = open[Math.floor(Math.random() * open.length)]
    if (chosen === undefined) return { frame: '', code: 0, answer: '', ms: 0, failure: 'no connection is open' }
    const started = performance.now()
    const named = { ...frame, messageId: frame.messageId ?? freshId('') }
    const { text, outcome } = chosen.send(named, this.#core.clock.wallNow(), limitMs)
    const target = { platform: 'dingtalk' as const, method: 'STREAM', path: frame.topic }
    if (this.#core.faults.take(connectionFaults, target) !== undefined) chosen.cut()
    const push = readOutcome(text, await outcome, performance.now() - started)
    this.#record(app, frame, push)
    return push
  }

  /** Tells every connection of the app to leave; the clients are expected to come back. */
  disconnect(appKey: string, reason = 'connection is expired'): void {
    for (const connection of this.connections(appKey)) {
      connection.leave(reason, this.#core.clock.wallNow(), this.#settings.streamGraceMs)
    }
  }

  /** Breaks every connection of the app. */
  cut(appKey: string): void {
    for (const connection of this.connections(appKey)) connection.cut()
  }

  /** Pings every connection of the app; true when all of them answered. */
  async ping(appKey: string): Promise<boolean> {
    const answers = await Promise.all(
      this.connections(appKey).map((one) => one.ping(this.#core.clock.wallNow(), PING_LIMIT_MS)),
    )
    return answers.length > 0 && answers.every(Boolean)
  }

  close(): void {
    clearInterval(this.#pinging)
    for (const connection of this.#connections) connection.cut()
    this.#server.close()
  }

  #open({ body, origin }: Call): Reply {
    const app = this.#core.world.dingtalkApps.get(stringAt(body, 'clientId') ?? '')
    const isKnown = app !== undefined && app.appSecret === body.clientSecret
    // The gateway does not tell bad credentials from an app of which no version was ever published.
    if (!isKnown || app.isPublished === false) return refusal('authFailed', 401, '鉴权失败')
    const subscriptions = objectsAt(body, 'subscriptions').flatMap((one) => {
      const type = stringAt(one, 'type')
      const topic = stringAt(one, 'topic')
      return type === undefined || topic === undefined ? [] : [{ type, topic }]
    })
    if (subscriptions.length === 0) return refusal('invalidParameter.subscriptions', 400)
    const ticket = freshId('')
    const expiresAt = this.#core.clock.now() + TICKET_LIFE_MS
    this.#tickets.set(ticket, { appKey: app.appKey, subscriptions, expiresAt })
    return ok({ endpoint: origin.replace(/^http/, 'ws') + CONNECT_PATH, ticket })
  }

  /** A client that has gone silent is dropped, so that its pushes go to another. */
  #keepPinging(): void {
    this.#pinging ??= setInterval(() => {
      for (const connection of this.#connections) {
        void connection.ping(this.#core.clock.wallNow(), PING_LIMIT_MS).then((isAlive) => {
          if (!isAlive) connection.cut()
        })
      }
    }, this.#settings.streamPingMs)
    this.#pinging.unref()
  }

  #record(app: DingtalkApp, { type, topic }: Frame, push: StreamPush): void {
    this.#core.wire.record({
      at: this.#core.clock.now(),
      direction: 'out',
      platform: 'dingtalk',
      appId: app.appKey,
      method: type,
      path: topic,
      status: push.code,
      ms: Math.round(push.ms),
      requestHeaders: {},
      requestBody: push.frame,
      responseHeaders: {},
      responseBody: push.answer,
      ...(push.failure === undefined ? {} : { note: push.failure }),
    })
  }
}

function readOutcome(frame: string, outcome: Outcome, ms: number): StreamPush {
  if ('failure' in outcome) return { frame, code: 0, answer: '', ms, failure: outcome.failure }
  const { code, data = '' } = outcome.acknowledgement
  const value = parseJson(data)
  const response = isObject(value) && 'response' in value ? value.response : value
  const answer = typeof response === 'string' ? response : JSON.stringify(response ?? {})
  return { frame, code, answer, ms, ...(code === 200 ? {} : { failure: `acknowledged with code ${code}` }) }
}
