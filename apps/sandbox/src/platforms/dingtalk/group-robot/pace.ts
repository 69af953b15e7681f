import { SlidingWindow } from '#sandbox/limits.ts'

const MINUTE_MS = 60_000

/** Twenty messages a minute; one more, and the robot is silent for ten minutes. */
export class Pace {
  readonly #perMinute = new SlidingWindow(MINUTE_MS)
  readonly #blockedUntil = new Map<string, number>()

  /** True when the robot may speak now, and that was counted. A refused call does not prolong the silence. */
  take(robotId: string, limit: number, blockMs: number, now: number): boolean {
    if (now < (this.#blockedUntil.get(robotId) ?? 0)) return false
    if (this.#perMinute.take(robotId, limit, now) === 0) return true
    this.block(robotId, blockMs, now)
    return false
  }

  block(robotId: string, blockMs: number, now: number): void {
    this.#blockedUntil.set(robotId, now + blockMs)
  }

  /** When the robot may speak again, milliseconds since the epoch; undefined when it may. */
  blockedUntil(robotId: string, now: number): number | undefined {
    const until = this.#blockedUntil.get(robotId)
    return until === undefined || until <= now ? undefined : until
  }

  clear(): void {
    this.#perMinute.clear()
    this.#blockedUntil.clear()
  }
}
