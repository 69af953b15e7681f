/** A look into the queue may be this share of the time, so that a long queue does not keep decisions waiting. */
const share = 0.1
/** However long a look took, the next one comes after this. */
const longestRestMs = 500

/**
 * Spaces out something that costs more the more there is of it. Cheap work goes on almost at once; dear work rests, and
 * what wakes it meanwhile is served together.
 */
export class Pacing {
  #restUntil = 0

  /** The work has just ended, at the given time, and took so long. Milliseconds of any steady clock. */
  ended(at: number, tookMs: number): void {
    this.#restUntil = at + Math.min(longestRestMs, tookMs * (1 / share - 1))
  }

  /** How long to wait before the next time; 0: not at all. */
  waitMs(at: number): number {
    return Math.max(0, this.#restUntil - at)
  }
}
