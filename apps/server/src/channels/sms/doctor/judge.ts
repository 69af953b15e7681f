import type { z } from 'zod'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Finding } from '#server/channels/finding.ts'
import type { SmsClient } from '../client.ts'
import { bareCode } from '../errors.ts'
import { unreadable } from '../mainland.ts'
import { BusinessAnswer } from '../wire.ts'
import { smsPhrases as say } from './phrases.ts'

export const consolePages = {
  keys: 'https://ram.console.aliyun.com/users',
  signs: 'https://dysms.console.aliyun.com/domestic/text/sign',
  templates: 'https://dysms.console.aliyun.com/domestic/text/template',
} as const

/** The service's answer, or its refusal, which comes with HTTP 200. */
export type Asked<Answer> = { answer: Answer } | { code: string; message: string }

/** Throws ChannelError where the gateway refuses or nothing comes. */
export async function askService<Schema extends z.ZodType>(
  client: SmsClient,
  action: string,
  query: Record<string, string>,
  schema: Schema,
): Promise<Asked<z.infer<Schema>>> {
  const body = await askOr(client, action, query)
  if (body instanceof ChannelError) return { code: body.code, message: body.message }
  const outcome = BusinessAnswer.safeParse(body)
  if (!outcome.success) throw unreadable()
  const { Code: code, Message: message } = outcome.data
  if (code !== 'OK') return { code, message }
  const answer = schema.safeParse(body)
  if (!answer.success) throw unreadable()
  return { answer: answer.data }
}

/** The gateway too says when a key may not do something: that is an answer. */
async function askOr(client: SmsClient, action: string, query: Record<string, string>): Promise<unknown> {
  try {
    return await client.call({ action, version: '2017-05-25' }, query)
  } catch (error) {
    if (error instanceof ChannelError && isMissingRight(error.code)) return error
    throw error
  }
}

function isMissingRight(code: string): boolean {
  return bareCode(code) === 'RAM_PERMISSION_DENY' || /^(NoPermission|Forbidden)/.test(code)
}

/** States of a signature or a template under review. */
const inReview = 0
const approved = 1
const cancelled = 10

interface Question {
  id: string
  call: string
  /** Of the signature or the template. */
  name: string
  /** Of the service's console. */
  page: string
}

/** Whether it is approved, and if not, in the reviewer's words. */
export function judge<Answer>(
  { id, call, name, page }: Question,
  asked: Asked<Answer>,
  read: (answer: Answer) => { state: number; reason: string | undefined },
): Finding {
  if ('code' in asked) {
    const { code, message } = asked
    if (isMissingRight(code)) {
      const evidence = say('mayNotAsk', { call, code, message })
      return { id, status: 'unknown', evidence, code, fix: say('grantQuery', { call }), link: consolePages.keys }
    }
    return {
      id,
      status: 'failed',
      evidence: say('notThere', { call, name, code, message }),
      code,
      fix: say('apply'),
      link: page,
    }
  }
  const { state, reason } = read(asked.answer)
  const code = String(state)
  if (state === approved) return { id, status: 'ok', evidence: say('approved', { call, name }) }
  if (state === inReview) {
    return {
      id,
      status: 'failed',
      evidence: say('inReview', { call, name }),
      code,
      fix: say('waitForReview'),
      link: page,
    }
  }
  const words = reason?.trim() || '–'
  const evidence =
    state === cancelled ? say('cancelled', { call, name }) : say('rejected', { call, name, reason: words })
  return { id, status: 'failed', evidence, code, fix: say('apply'), link: page }
}
