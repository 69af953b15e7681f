import { WebSocket } from 'ws'
import { CallbackRefused } from '#server/channels/channel.ts'
import { type Acknowledgement, CARD_TOPIC, type Frame, ROBOT_TOPIC, readFrame, writeAcknowledgement } from './frames.ts'

/** What the platform pushed; the connection is its proof. */
export interface Pushed {
  kind: 'card' | 'message'
  messageId: string
  data: string
}

/** Resolves once what it says is durable, with the answer to be shown; the platform waits 2 seconds for it. */
export type PushHandler = (pushed: Pushed) => Promise<unknown>

/** Why a session is over: it fell silent or was cut, or the platform is about to close it and wants another in its place. */
export type SessionEnd = { kind: 'lost'; reason: string } | { kind: 'leaving'; reason: string }

export interface SessionTimings {
  /** Between our pings. */
  pingEveryMs: number
  /** Nothing heard for so long, not even the answer to a ping: the connection is dead, whatever TCP believes. */
  silentAfterMs: number
  /** How long the other side may take to close. */
  closeWithinMs: number
}

export const usualTimings: SessionTimings = { pingEveryMs: 25_000, silentAfterMs: 70_000, closeWithinMs: 2_000 }

const MAX_FRAME_BYTES = 1_024 * 1_024
const HANDSHAKE_MS = 10_000

const topics: Readonly<Record<string, Pushed['kind']>> = { [CARD_TOPIC]: 'card', [ROBOT_TOPIC]: 'message' }

/** One WebSocket to the platform, from its opening to its end. */
export class StreamSession {
  /** Resolves once, and never rejects. */
  readonly ended: Promise<SessionEnd>
  readonly #socket: WebSocket
  readonly #handle: PushHandler
  readonly #timings: SessionTimings
  readonly #failed: (error: unknown) => void
  readonly #end: (end: SessionEnd) => void
  readonly #underWay = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout
  #heardAt = performance.now()

  private constructor(
    socket: WebSocket,
    handle: PushHandler,
    failed: (error: unknown) => void,
    timings: SessionTimings,
  ) {
    this.#socket = socket
    this.#handle = handle
    this.#failed = failed
    this.#timings = timings
    const { promise, resolve } = Promise.withResolvers<SessionEnd>()
    this.ended = promise
    this.#end = resolve
    this.#timer = setInterval(() => this.#watch(), Math.min(timings.pingEveryMs, timings.silentAfterMs))
    socket.on('message', (data) => this.#take(String(data)))
    socket.on('ping', () => this.#heard())
    socket.on('pong', () => this.#heard())
    socket.on('close', (code) => this.#over({ kind: 'lost', reason: `closed (${code})` }))
    socket.on('error', (error) => this.#over({ kind: 'lost', reason: reasonOf(error) }))
  }

  /** Resolves when the connection is up; rejects when it does not come up, or the signal says to give up. */
  static async open(
    url: string,
    handle: PushHandler,
    options: { signal: AbortSignal; failed: (error: unknown) => void; timings: SessionTimings },
  ): Promise<StreamSession> {
    const socket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS, maxPayload: MAX_FRAME_BYTES })
    const session = new StreamSession(socket, handle, options.failed, options.timings)
    const giveUp = (): void => socket.terminate()
    options.signal.addEventListener('abort', giveUp, { once: true })
    try {
      if (options.signal.aborted) giveUp()
      const opened = new Promise<null>((resolve) => socket.once('open', () => resolve(null)))
      const end = await Promise.race([opened, session.ended])
      if (end !== null) throw new Error(end.reason)
      return session
    } finally {
      options.signal.removeEventListener('abort', giveUp)
    }
  }

  /** Lets what is under way be answered, then closes. */
  async close(patienceMs: number): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([Promise.all(this.#underWay), after(patienceMs)])
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.close(1_000)
    const timer = setTimeout(() => this.#socket.terminate(), this.#timings.closeWithinMs)
    await closed
    clearTimeout(timer)
  }

  #heard(): void {
    this.#heardAt = performance.now()
  }

  #watch(): void {
    if (performance.now() - this.#heardAt >= this.#timings.silentAfterMs) {
      this.#over({ kind: 'lost', reason: 'silent' })
      this.#socket.terminate()
    } else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  #over(end: SessionEnd): void {
    if (end.kind === 'lost') clearInterval(this.#timer)
    this.#end(end)
  }

  #take(text: string): void {
    this.#heard()
    const frame = readFrame(text)
    if (frame === null) return
    const { type, headers } = frame
    if (type === 'SYSTEM' && headers.topic === 'disconnect') {
      this.#over({ kind: 'leaving', reason: 'disconnect' })
      return
    }
    const work = this.#answer(frame).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  /** After the handler is done: what was not acknowledged comes again. */
  async #answer(frame: Frame): Promise<void> {
    const acknowledgement = await this.#acknowledgement(frame)
    if (acknowledgement === null || this.#socket.readyState !== WebSocket.OPEN) return
    this.#socket.send(writeAcknowledgement(frame.headers.messageId, acknowledgement))
  }

  async #acknowledgement({ type, headers, data = '' }: Frame): Promise<Acknowledgement | null> {
    if (type === 'SYSTEM') return headers.topic === 'ping' ? { code: 200, data } : null
    if (type === 'EVENT') return { code: 200, data: JSON.stringify({ status: 'SUCCESS', message: 'not used' }) }
    const kind = Object.hasOwn(topics, headers.topic) ? topics[headers.topic] : undefined
    if (type !== 'CALLBACK' || kind === undefined) return { code: 404, data: '{}' }
    try {
      const response = await this.#handle({ kind, messageId: headers.messageId, data })
      return { code: 200, data: JSON.stringify({ response: response ?? null }) }
    } catch (error) {
      this.#failed(error)
      return { code: error instanceof CallbackRefused ? 400 : 500, data: '{}' }
    }
  }
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return code ?? error.message.slice(0, 100)
}

async function after(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref())
}
