import { z } from 'zod'
import type { PostAnswer } from '#server/net/guarded-post.ts'
import { ChannelError, type ChannelErrorKind } from './channel-error.ts'
import { inertLine } from './text.ts'
import { unreadable } from './unanswered.ts'

/** Both platforms answer with HTTP 200 and a code; one of them shows it as text. */
const RobotAnswer = z.object({ errcode: z.coerce.number().int(), errmsg: z.string().default('') })

/** What a code means: a kind, or for how long this robot must be silent. */
export type RobotCodes = Readonly<Record<number, ChannelErrorKind | { silentMs: number }>>

/** A platform's sentence, as far as it is kept. */
const maxMessageChars = 300
const pageWaitMs = 60_000

/** Throws ChannelError unless the robot took the message. `secrets` are taken out of whatever the platform says. */
export function readRobotAnswer(
  { status, text }: PostAnswer,
  codes: RobotCodes,
  secrets: readonly string[],
): { code: string; text: string } {
  const answer = RobotAnswer.safeParse(parsed(text))
  if (!answer.success) throw unreadable(status, pageWaitMs)
  const { errcode, errmsg } = answer.data
  const said = inertLine(without(secrets, errmsg)).slice(0, maxMessageChars)
  if (errcode === 0) return { code: '0', text: said }
  // A code that stands nowhere is tried again: our ignorance must not lose a message.
  const meaning = codes[errcode] ?? 'retry'
  if (typeof meaning === 'string') throw new ChannelError(meaning, String(errcode), said)
  throw new ChannelError('rate_limited', String(errcode), said, { retryAfterMs: meaning.silentMs, scope: 'receiver' })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Shorter values would black out ordinary words. */
const shortestSecret = 6

function without(secrets: readonly string[], text: string): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
}
