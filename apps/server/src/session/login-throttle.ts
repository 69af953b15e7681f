import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '#server/errors.ts'

/** Log-ins begun per address of the caller and minute: each costs a row that lives for ten minutes. */
const beginnings = { points: 300, duration: 60 }
/** Failed log-ins per address of the caller and quarter of an hour. */
const failures = { points: 20, duration: 15 * 60 }

export interface LoginThrottle {
  /** A log-in is being begun. Throws `too_many_requests`. */
  begin(caller: string): Promise<void>
  /** Runs a log-in unless this caller has failed too often; counts only failures. Throws `too_many_requests`. */
  guard<Result>(caller: string, login: () => Promise<Result>): Promise<Result>
}

/** Per instance: a platform's own single-use codes are the lock, this only keeps guessing from being cheap. */
export function createLoginThrottle(): LoginThrottle {
  const limiter = new RateLimiterMemory(failures)
  const begun = new RateLimiterMemory(beginnings)
  return {
    async begin(caller) {
      try {
        await begun.consume(caller)
      } catch (state) {
        throw state instanceof RateLimiterRes ? tooMany(state) : state
      }
    },
    async guard(caller, login) {
      const state = await limiter.get(caller)
      if (state !== null && state.remainingPoints <= 0) throw tooMany(state)
      try {
        return await login()
      } catch (error) {
        if (error instanceof AppError && isGuess(error)) await count(limiter, caller)
        throw error
      }
    },
  }
}

const isGuess = ({ status, code }: AppError): boolean => status === 401 || code === 'code_wrong'

async function count(limiter: RateLimiterMemory, caller: string): Promise<void> {
  try {
    await limiter.consume(caller)
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state
  }
}

function tooMany(state: RateLimiterRes): AppError {
  const retryAfterMs = state.msBeforeNext
  return new AppError('too_many_requests', 'too many log-ins from this address; wait a while', { retryAfterMs })
}
