import type { FindingStatus, Uid } from '@countersign/contracts'
import type { Sighting } from '#server/db/sighting-store.ts'
import type { RecentDelivery } from '#server/db/stores.ts'
import type { Phrase } from '#server/i18n/phrasebook.ts'
import { ChannelError } from './channel-error.ts'
import { sharedPhrases as say } from './finding-phrases.ts'

/** One thing that was looked at, and what was seen. */
export interface Finding {
  /** Stable over releases: `credentials`, `permission.<the platform's key>`, … */
  id: string
  /** `unknown`: the platform gives no way to tell, or did not answer. The evidence says which. */
  status: FindingStatus
  /** The host does without it: never failed, whatever was seen. */
  optional?: boolean
  /** What was asked and what came back; never a secret, a token or somebody's number. */
  evidence: Phrase
  /** The platform's own code, verbatim. */
  code?: string
  fix?: Phrase
  /** The platform's page where it is mended. */
  link?: string
}

/** What is known here, and a channel may need for its findings. */
export interface Examination {
  publicUrl: string
  /** Epoch milliseconds. */
  now: number
  /** What last came in from this app's platform, newest first. */
  sightings: readonly Sighting[]
  /** Accounts that are known to be people. */
  people: readonly { uid: Uid; platformUserId: string }[]
  /** Of the newest tickets. */
  recentDeliveries: readonly RecentDelivery[]
  /** False when the calls of the month have run out: what costs one is then not asked. */
  maySpendCalls: boolean
}

/** A channel of any kind that can look at itself. */
export interface Examinable {
  /** What there is to find out about its own platform. Never throws ChannelError: what cannot be asked is `unknown`. */
  examine(examination: Examination): Promise<Finding[]>
}

/** What a finding is about, and what was asked for it in the platform's own words (`GET /open-apis/bot/v3/info`). */
export interface Question {
  id: string
  call: string
}

/** Asks, and has the refusal read where there is one. A platform that does not answer leaves it unknown. */
export async function ask<Answer>(
  question: Question,
  request: () => Promise<Answer>,
  read: { answer: (answer: Answer) => Finding; refusal?: (error: ChannelError) => Finding | null },
): Promise<Finding> {
  try {
    return read.answer(await request())
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return (isOwnAnswer(error) ? read.refusal?.(error) : null) ?? notTold(question, error)
  }
}

/** Codes of ours, of HTTP and of a platform that is busy: they tell nothing about the app. */
const uncertainCodes: ReadonlySet<string> = new Set(['network', 'timeout', 'connection_lost', 'unreadable'])

/** Whether the platform itself answered the question, if only with no. */
export function isOwnAnswer({ kind, code, outcomeUnknown }: ChannelError): boolean {
  return kind !== 'rate_limited' && !outcomeUnknown && !uncertainCodes.has(code) && !/^\d{3}$/.test(code)
}

/** What would cost a call of a month that has none left. */
export function notAsked(id: string): Finding {
  return { id, status: 'unknown', evidence: say('noCallsLeft'), fix: say('nextMonth') }
}

/** The question was not answered. */
export function notTold({ id, call }: Question, error: ChannelError): Finding {
  const { code, message } = error
  return isOwnAnswer(error)
    ? { id, status: 'unknown', evidence: say('refused', { call, code, message }), code, fix: say('mend') }
    : { id, status: 'unknown', evidence: say('unanswered', { call, code }), code, fix: say('askAgain') }
}

export function refused({ id, call }: Question, { code, message }: ChannelError, more: Partial<Finding> = {}): Finding {
  return { id, status: 'failed', evidence: say('refused', { call, code, message }), code, ...more }
}

export function accepted({ id, call }: Question): Finding {
  return { id, status: 'ok', evidence: say('accepted', { call }) }
}
