import { type Egress, EgressRefused } from '#server/net/egress.ts'
import { guardedPost, NoAnswer, type PostAnswer } from '#server/net/guarded-post.ts'
import { ChannelError } from './channel-error.ts'
import { retryAfterMs } from './retry-after.ts'

/* Calls to addresses that people chose: web hooks, callbacks, robots. */

/**
 * What exactly went wrong would tell whoever chose the address about our network: it stands in our log only. Throws
 * ChannelError.
 */
export async function guardedCall(
  egress: Egress,
  request: { url: string; headers: Record<string, string>; body: string },
): Promise<PostAnswer> {
  try {
    return await guardedPost(egress, request)
  } catch (error) {
    if (error instanceof EgressRefused) throw new ChannelError('rejected', error.code, error.message, { cause: error })
    if (!(error instanceof NoAnswer)) throw error
    const more = { outcomeUnknown: error.mayHaveArrived, cause: error }
    throw new ChannelError('retry', 'no_answer', error.message, more)
  }
}

/** For receivers that answer by HTTP status. Only 2xx is a yes. 410 is a no for good; all else, a redirect too, is tried again. */
export function judgeStatus(answer: PostAnswer, now: number): void {
  const { status } = answer
  if (status >= 200 && status < 300) return
  const code = String(status)
  if (status === 410) throw new ChannelError('rejected', code, 'the receiver does not want to be called any more')
  if (status >= 300 && status < 400) throw new ChannelError('retry', code, 'redirects are not followed')
  const waitMs = status === 429 || status === 503 ? retryAfterMs(answer.header('retry-after'), now) : null
  throw new ChannelError(
    'retry',
    code,
    `the receiver answered ${code}`,
    waitMs === null ? {} : { retryAfterMs: waitMs },
  )
}
