import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, ConnectionState } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type ReconnectLimits, reconnectAfterMs } from '#server/channels/reconnect.ts'
import { createDingtalkHttp, type DingtalkHttp } from '../http.ts'
import { Opened, subscriptions } from './frames.ts'
import { type PushHandler, type SessionEnd, type SessionTimings, StreamSession, usualTimings } from './session.ts'

export interface StreamTimings extends SessionTimings, ReconnectLimits {
  /** A connection that held for so long was a good one: the next wait is the first again. */
  goodAfterMs: number
  /** For what is under way when a connection is closed. */
  patienceMs: number
}

export const usualStreamTimings: StreamTimings = {
  ...usualTimings,
  ...{ firstWaitMs: 1_000, longestWaitMs: 60_000, goodAfterMs: 30_000, patienceMs: 5_000 },
}

export interface StreamOptions {
  appKey: string
  appSecret: string
  /** Of api.dingtalk.com, without a slash at the end. */
  apiUrl: string
  handle: PushHandler
  /** Told of what was pushed and not believed or not handled, and of a connection that fails in a way of its own. */
  failed: (error: unknown) => void
  /** Epoch milliseconds. */
  now: () => number
  /** 0 to 1, for jitter. */
  random: () => number
  /** Told of every change, for metrics. */
  changed?: (state: ConnectionState) => void
  timings?: StreamTimings
  http?: DingtalkHttp
}

/**
 * Keeps one connection to the platform open, over which it pushes card taps and robot messages: for hosts that it cannot
 * reach. One loop does all the connecting, so no two attempts run beside each other. Disposing of it answers what is
 * under way, and closes.
 */
export class StreamConnection implements Connection {
  readonly #options: StreamOptions
  readonly #timings: StreamTimings
  readonly #http: DingtalkHttp
  readonly #stop = new AbortController()
  readonly #closing = new Set<Promise<void>>()
  readonly #running: Promise<void>
  #state: ConnectionState

  constructor(options: StreamOptions) {
    this.#options = options
    this.#timings = options.timings ?? usualStreamTimings
    this.#http = options.http ?? createDingtalkHttp()
    this.#state = { status: 'connecting', since: options.now(), reason: null }
    this.#running = this.#run(this.#stop.signal)
  }

  get state(): ConnectionState {
    return this.#state
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await Promise.all(this.#closing)
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0
    let leaving: StreamSession | null = null
    while (!signal.aborted) {
      const openedAt = performance.now()
      try {
        const session: StreamSession = await this.#open(signal)
        // The old one goes once the new one stands, so that no push finds nobody.
        if (leaving !== null) this.#close(leaving)
        leaving = null
        this.#become('open', null)
        const end = await this.#endOf(session, signal)
        if (end === null || end.kind === 'lost') this.#close(session)
        if (end === null) break
        if (performance.now() - openedAt >= this.#timings.goodAfterMs) failures = 0
        if (end.kind === 'leaving') {
          leaving = session
          // Asked to leave again and again, we do not come back at once for ever.
          if (failures === 0) continue
        }
        this.#become('down', end.reason)
      } catch (error) {
        if (signal.aborted) break
        if (!(error instanceof ChannelError)) this.#options.failed(error)
        this.#become('down', reasonOf(error))
      }
      failures += 1
      await sleep(reconnectAfterMs(failures - 1, this.#options.random, this.#timings), undefined, { signal }).catch(
        () => undefined,
      )
      if (!signal.aborted) this.#become('connecting', this.#state.reason)
    }
    if (leaving !== null) this.#close(leaving)
    this.#become('down', 'stopped')
  }

  async #open(signal: AbortSignal): Promise<StreamSession> {
    const { appKey, appSecret, apiUrl, handle, failed } = this.#options
    const body = { clientId: appKey, clientSecret: appSecret, subscriptions, ua: 'countersign', localIp: '127.0.0.1' }
    const url = `${apiUrl}/v1.0/gateway/connections/open`
    const answer = Opened.safeParse(await this.#http.callNew({ method: 'POST', url, body }))
    if (!answer.success) throw new ChannelError('retry', 'unreadable', 'the gateway gave no address')
    const { endpoint, ticket } = answer.data
    const address = new URL(endpoint)
    address.searchParams.set('ticket', ticket)
    return StreamSession.open(address.href, handle, { signal, failed, timings: this.#timings })
  }

  /** Null when we are to stop. */
  async #endOf(session: StreamSession, signal: AbortSignal): Promise<SessionEnd | null> {
    const { promise: stopped, resolve } = Promise.withResolvers<null>()
    const stop = (): void => resolve(null)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const end = await Promise.race([session.ended, stopped])
    signal.removeEventListener('abort', stop)
    return end
  }

  #close(session: StreamSession): void {
    const closing = session.close(this.#timings.patienceMs).finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** Anywhere between half and all of the wait, so that instances cut off together do not come back together. */
  #become(status: ConnectionState['status'], reason: string | null): void {
    if (status === this.#state.status && reason === this.#state.reason) return
    this.#state = { status, since: this.#options.now(), reason }
    this.#options.changed?.(this.#state)
  }
}

/** The platform's own code where it gave one, such as `authFailed`. */
function reasonOf(error: unknown): string {
  if (error instanceof ChannelError) return error.code
  return error instanceof Error ? error.message : String(error)
}
