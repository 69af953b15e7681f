import type { WebSocket } from 'ws'
import { freshId } from '#sandbox/ids.ts'
import { type Acknowledgement, type Frame, parseAcknowledgement, renderFrame } from './frames.ts'

/** A kind of push that a client has asked for. */
export interface Subscription {
  type: string
  topic: string
}

/** What became of a frame: the client's acknowledgement, or why there was none. */
export type Outcome = { acknowledgement: Acknowledgement } | { failure: string }

/** One open WebSocket of one app. */
export class StreamConnection {
  readonly id = freshId('')
  readonly appKey: string
  readonly subscriptions: readonly Subscription[]
  /** Told to leave: it gets nothing new and closes soon. */
  isLeaving = false
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, (outcome: Outcome) => void>()
  #unansweredPings = 0

  constructor(appKey: string, subscriptions: readonly Subscription[], socket: WebSocket) {
    this.appKey = appKey
    this.subscriptions = subscriptions
    this.#socket = socket
    socket.on('message', (data) => this.#take(String(data)))
    socket.on('close', () => {
      for (const finish of this.#waiting.values()) finish({ failure: 'the connection broke' })
      this.#waiting.clear()
    })
    // A broken socket closes, and closing is handled above.
    socket.on('error', () => socket.terminate())
  }

  wants(type: string, topic: string): boolean {
    return this.subscriptions.some((one) => one.type === type && (one.topic === topic || one.topic === '*'))
  }

  /** Sends a frame and waits for its acknowledgement. */
  send(
    frame: Frame & { messageId: string },
    now: number,
    limitMs: number,
  ): { text: string; outcome: Promise<Outcome> } {
    const text = renderFrame(frame, this.id, now)
    const outcome = new Promise<Outcome>((resolve) => {
      const timer = setTimeout(() => finish({ failure: `no acknowledgement within ${limitMs} ms` }), limitMs)
      const finish = (result: Outcome) => {
        clearTimeout(timer)
        this.#waiting.delete(frame.messageId)
        resolve(result)
      }
      this.#waiting.set(frame.messageId, finish)
    })
    this.#socket.send(text)
    return { text, outcome }
  }

  /** Tells the client to open another connection and closes this one after `graceMs`. */
  leave(reason: string, now: number, graceMs: number): void {
    this.isLeaving = true
    this.#socket.send(renderFrame({ type: 'SYSTEM', topic: 'disconnect', data: { reason } }, this.id, now))
    setTimeout(() => this.#socket.close(), graceMs).unref()
  }

  /** Pings; false when the two pings before have not been answered either. */
  async ping(now: number, limitMs: number): Promise<boolean> {
    this.#unansweredPings += 1
    const frame = { type: 'SYSTEM' as const, topic: 'ping', data: { opaque: freshId('') }, messageId: freshId('') }
    const outcome = await this.send(frame, now, limitMs).outcome
    if ('acknowledgement' in outcome) this.#unansweredPings = 0
    return this.#unansweredPings < 2
  }

  /** Breaks the connection without a word. */
  cut(): void {
    this.#socket.terminate()
  }

  close(): void {
    this.#socket.close()
  }

  #take(text: string): void {
    const acknowledgement = parseAcknowledgement(text)
    if (acknowledgement !== undefined) this.#waiting.get(acknowledgement.headers.messageId)?.({ acknowledgement })
  }
}
