import type { RateLimit } from '#server/channels/channel.ts'
import type { HandClock } from './_world.ts'
import type { CallTarget, LimitedApp, LimitReached, OutboundLimiter } from './rate-limit.ts'

/** Keeps limits to the letter, by a clock that is moved by hand: never more in any stretch of a limit's length. */
export class ClockedLimiter implements OutboundLimiter {
  readonly #clock: HandClock
  readonly #taken = new Map<string, number[]>()
  readonly #silentUntil = new Map<string, number>()

  constructor(clock: HandClock) {
    this.#clock = clock
  }

  async take(app: LimitedApp, { receiver, message }: CallTarget): Promise<LimitReached | null> {
    const wanted = [
      ...(message === undefined ? [] : [['message', app.limits.message, message] as const]),
      ...(receiver === undefined ? [] : [['receiver', app.limits.receiver, receiver] as const]),
      ['app', app.limits.app, ''] as const,
    ]
    for (const [scope, limits, target] of wanted) {
      const key = `${app.tenantId}/${app.name}/${scope}/${target}`
      const waitMs = this.#wait(key, limits)
      if (waitMs > 0) return { scope, waitMs }
    }
    for (const [scope, , target] of wanted) {
      const key = `${app.tenantId}/${app.name}/${scope}/${target}`
      this.#taken.set(key, [...(this.#taken.get(key) ?? []), this.#clock.at])
    }
    return null
  }

  async pause(app: LimitedApp, ms: number, receiver?: string): Promise<void> {
    const scope = receiver === undefined ? 'app' : 'receiver'
    this.#silentUntil.set(`${app.tenantId}/${app.name}/${scope}/${receiver ?? ''}`, this.#clock.at + ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #wait(key: string, limits: readonly RateLimit[]): number {
    const now = this.#clock.at
    const taken = this.#taken.get(key) ?? []
    const waits = limits.map(({ points, seconds }) => {
      const last = taken.at(-points)
      return last === undefined ? 0 : last + seconds * 1_000 - now
    })
    return Math.max(0, (this.#silentUntil.get(key) ?? 0) - now, ...waits)
  }
}
