import { setTimeout as sleep } from 'node:timers/promises'
import { CallbackRefused, type Connection, type ConnectionState, type Listener } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { reconnectAfterMs } from '#server/channels/reconnect.ts'
import type { LarkApp } from '../client.ts'
import { createLarkHttp } from '../http.ts'
import { parsePushed } from '../parse.ts'
import { findEndpoint } from './endpoint.ts'
import { Session } from './session.ts'

/** What is under way at the end gets this long. */
const graceMs = 3_000
const standardPongWithinMs = 10_000

export interface LongConnectionDeps {
  /** Epoch milliseconds. */
  now: () => number
  /** From 0 to 1. */
  random: () => number
  /** For tests; ten seconds unless given. */
  pongWithinMs?: number
}

/**
 * Takes events and taps over a WebSocket that we open, for hosts that no platform can call. A client of our own: the
 * official one ignores `card` frames, so that taps would be lost where the platform sends those, gives up for good on a
 * wrong secret, can lose what comes before it listens, and notices a dead connection only when told to.
 */
export function openLongConnection(app: LarkApp, listener: Listener, deps: LongConnectionDeps): Connection {
  return new LongConnection(app, listener, deps)
}

class LongConnection implements Connection {
  readonly #app: LarkApp
  readonly #listener: Listener
  readonly #deps: LongConnectionDeps
  readonly #http = createLarkHttp()
  readonly #closing = new AbortController()
  readonly #closed = Promise.withResolvers<never>()
  readonly #running: Promise<void>
  #session: Session | null = null
  #state: ConnectionState
  /** In a row; over once the platform has said something. */
  #failures = 0

  constructor(app: LarkApp, listener: Listener, deps: LongConnectionDeps) {
    this.#app = app
    this.#listener = listener
    this.#deps = deps
    this.#state = { status: 'connecting', since: deps.now(), reason: null }
    // Nobody may be waiting for the address at the time.
    this.#closed.promise.catch(() => undefined)
    this.#running = this.#run()
  }

  get state(): ConnectionState {
    return this.#state
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#closed.reject(new ChannelError('retry', 'closed by us', 'the connection is no longer wanted'))
    await this.#session?.close(graceMs)
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const reason = await this.#connectOnce()
      this.#become('down', signal.aborted ? 'closed by us' : reason)
      const waitMs = reconnectAfterMs(this.#failures, this.#deps.random)
      this.#failures += 1
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (!signal.aborted) this.#become('connecting', reason)
    }
  }

  /** Until the connection has ended, or could not be made; says why. */
  async #connectOnce(): Promise<string> {
    try {
      const endpoint = await Promise.race([findEndpoint(this.#app, this.#http), this.#closed.promise])
      this.#session = new Session(endpoint, {
        handle: (payload) => this.#handle(payload),
        opened: () => this.#become('open', null),
        heard: () => {
          this.#failures = 0
        },
        pongWithinMs: this.#deps.pongWithinMs ?? standardPongWithinMs,
      })
      return await this.#session.ended
    } catch (error) {
      if (error instanceof ChannelError) return error.code
      this.#listener.failed(error)
      return 'internal'
    } finally {
      this.#session = null
    }
  }

  async #handle(payload: Uint8Array): Promise<unknown> {
    try {
      const inbound = parsePushed(Buffer.from(payload), { appId: this.#app.appId, receivedAt: this.#deps.now() })
      return await this.#listener.receive(inbound)
    } catch (error) {
      this.#listener.failed(error)
      // What cannot be read would be no better the second time.
      if (error instanceof CallbackRefused) return {}
      throw error
    }
  }

  #become(status: ConnectionState['status'], reason: string | null): void {
    this.#state = { status, since: this.#deps.now(), reason }
    this.#listener.changed(this.#state)
  }
}
