import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '#server/errors.ts'

/** Failed log-ins per address of the caller and quarter of an hour. */
const failures = { points: 20, duration: 15 * 60 }

export interface LoginThrottle {
  /** Runs a log-in unless this caller has failed too often; counts only failures. Throws `too_many_requests`. */
  guard<Result>(caller: string, login: () => Promise<Result>): Promise<Result>
}

/** Per instance: a platform's own single-use codes are the lock, this only keeps guessing from being cheap. */
export function createLoginThrottle(): LoginThrottle {
  const limiter = new RateLimiterMemory(failures)
  return {
    async guard(caller, login) {
      const state = await limiter.get(caller)
      if (state !== null && state.remainingPoints <= 0) throw tooMany(state)
      try {
        return await login()
      } catch (error) {
        if (error instanceof AppError && error.status === 401) await count(limiter, caller)
        throw error
      }
    },
  }
}

async function count(limiter: RateLimiterMemory, caller: string): Promise<void> {
  try {
    await limiter.consume(caller)
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state
  }
}

function tooMany(state: RateLimiterRes): AppError {
  const retryAfterMs = state.msBeforeNext
  return new AppError('too_many_requests', 'too many failed log-ins; wait a while', { retryAfterMs })
}
