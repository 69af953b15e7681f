import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Links that do not exist, per address of the caller and quarter of an hour. */
const misses = { points: 30, duration: 15 * 60 }

export interface Guesses {
  /** How long this caller has to wait; null: not at all. */
  waitMs(caller: string): Promise<number | null>
  /** This caller has opened a link that does not exist. */
  count(caller: string): Promise<void>
}

/** Per instance: 256 bits cannot be guessed anyway; this keeps trying from being cheap. */
export function createGuesses(): Guesses {
  const limiter = new RateLimiterMemory(misses)
  return {
    async waitMs(caller) {
      const state = await limiter.get(caller)
      return state !== null && state.remainingPoints <= 0 ? state.msBeforeNext : null
    },
    async count(caller) {
      try {
        await limiter.consume(caller)
      } catch (state) {
        if (!(state instanceof RateLimiterRes)) throw state
      }
    },
  }
}
