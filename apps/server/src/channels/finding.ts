import type { FindingStatus, Uid } from '@countersign/contracts'
import type { Sighting } from '#server/db/sighting-store.ts'
import type { RecentDelivery } from '#server/db/stores.ts'
import type { Phrase } from '#server/i18n/phrasebook.ts'
import { ChannelError } from './channel-error.ts'
import { sharedPhrases as say } from './finding-phrases.ts'

/** Where a finding is read: what is a button in the console is a word on the command line and a field in the API. */
export type FindingPlace = 'console' | 'cli' | 'api'

/** What to do about it: the same everywhere, or in the words of the place. */
export type Fix = Phrase | Readonly<Record<FindingPlace, Phrase>>

/** What to do, as it is said in this place. */
export function fixFor(fix: Fix, place: FindingPlace): Phrase {
  return typeof fix === 'function' ? fix : fix[place]
}

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
  fix?: Fix
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
  /** Of channels that only tell: everybody's address, opened. Never part of a finding. */
  addresses: readonly KnownAddress[]
  /** False when the calls of the month have run out: what costs one is then not asked. */
  maySpendCalls: boolean
  /** Nobody wants to know any more: nothing further is asked, and what asks throws. */
  signal: AbortSignal
}

/** Where somebody is told through a channel that only tells. */
export interface KnownAddress {
  uid: Uid
  /** As `channelAddresses` of the contracts parses it. */
  address: unknown
  isOperators: boolean
}

/** A channel of any kind that can look at itself. */
export interface Examinable {
  /**
   * What there is to find out about its own platform, each thing as soon as it is known. Never throws ChannelError: what
   * cannot be asked is `unknown`.
   */
  examine(examination: Examination): AsyncIterable<Finding>
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

/** What is asked at the same time, each answer as it comes. */
export async function* asTheyCome(asked: readonly Promise<readonly Finding[]>[]): AsyncGenerator<Finding> {
  const left = new Map(asked.map((answer, key) => [key, answer.then((findings) => ({ key, findings }))]))
  while (left.size > 0) {
    const { key, findings } = await Promise.race(left.values())
    left.delete(key)
    yield* findings
  }
}

/** The same, making no further call once the signal has gone: then every method throws its reason. */
export function untilStopped<Client extends object>(client: Client, signal: AbortSignal): Client {
  return new Proxy(client, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      if (typeof part !== 'function') return part
      return (...given: unknown[]) => {
        signal.throwIfAborted()
        return Reflect.apply(part, target, given)
      }
    },
  })
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
