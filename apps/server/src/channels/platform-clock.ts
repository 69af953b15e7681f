import axios from 'axios'
import { ChannelError } from './channel-error.ts'
import { type Finding, notTold } from './finding.ts'
import { sharedPhrases as say } from './finding-phrases.ts'

const ANSWER_WITHIN_MS = 5_000
/** The platform's clock comes in whole seconds, and the answer takes its time. */
const UNCERTAIN_MS = 5_000

/**
 * Compares our clock with the platform's, by the `Date` of any answer of `url`. `toleratedMs` is the age at which callbacks
 * are refused; from half of it on there is a warning.
 */
export async function examineClock(
  url: string,
  { toleratedMs, now }: { toleratedMs: number; now: () => number },
): Promise<Finding> {
  const question = { id: 'clock_skew', call: `HEAD ${url}` }
  const theirs = await dateOf(url)
  if (theirs === null) return notTold(question, new ChannelError('retry', 'network', 'no answer with a date'))
  const skewMs = Math.max(0, Math.abs(now() - theirs) - UNCERTAIN_MS)
  const values = {
    call: question.call,
    seconds: Math.round(skewMs / 1_000),
    tolerated: Math.round(toleratedMs / 1_000),
  }
  const status = skewMs >= toleratedMs ? 'failed' : skewMs >= toleratedMs / 2 ? 'warning' : 'ok'
  const evidence = say('clock', values)
  return status === 'ok'
    ? { id: question.id, status, evidence }
    : { id: question.id, status, evidence, fix: say('setClock') }
}

/** Epoch milliseconds; null when there is no answer, or none with a date. */
async function dateOf(url: string): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const { headers } = await axios.head(url, { signal, maxRedirects: 0, proxy: false, validateStatus: () => true })
    const date: unknown = headers.date
    const at = typeof date === 'string' ? Date.parse(date) : Number.NaN
    return Number.isNaN(at) ? null : at
  } catch (error) {
    if (axios.isAxiosError(error) || axios.isCancel(error)) return null
    throw error
  }
}
