import type { SmsSettings } from '@countersign/contracts'
import type { Delivered } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Letter } from '#server/channels/messenger.ts'
import type { SmsClient } from './client.ts'
import { bareCode, refusedBy } from './errors.ts'
import { noticeVariables } from './text.ts'
import { SendDetails, SentSms } from './wire.ts'

/*
 * Numbers of the mainland: an approved template with variables, under a filed signature (Dysmsapi 2017-05-25). The service
 * does not know a repeated message, so one that may have been taken is looked for in its records before it is sent again.
 */

const version = '2017-05-25'
const pageSize = 50
/** A message that was taken stands in the records by then; before, its absence proves nothing. */
const recordedWithinMs = 60_000
const dayMs = 24 * 60 * 60 * 1_000
const chinaOffsetMs = 8 * 60 * 60 * 1_000

/** The refusals that what people wrote can cause; without it the notice may pass. */
const wordingCodes: ReadonlySet<string> = new Set([
  'PARAM_NOT_SUPPORT_URL',
  'PARAM_LENGTH_LIMIT',
  'BLACK_KEY_CONTROL_LIMIT',
  'SMS_CONTENT_ILLEGAL',
])

export interface MainlandDeps {
  client: SmsClient
  settings: Pick<SmsSettings, 'signName' | 'codeTemplate' | 'noticeTemplate'>
  now: () => number
}

/** `number`: eleven digits. Throws ChannelError. */
export async function sendMainland(deps: MainlandDeps, number: string, letter: Letter): Promise<Delivered> {
  const earlier = letter.firstTriedAt === null ? null : await findEarlier(deps, number, letter, letter.firstTriedAt)
  if (earlier !== null) return earlier
  const { content } = letter
  if (content.kind === 'code') return submit(deps, number, letter, { code: content.code })
  try {
    return await submit(deps, number, letter, noticeVariables(letter))
  } catch (error) {
    if (!(error instanceof ChannelError) || !wordingCodes.has(bareCode(error.code))) throw error
    return submit(deps, number, letter, noticeVariables(letter, { isPlain: true }))
  }
}

async function submit(
  { client, settings, now }: MainlandDeps,
  number: string,
  { content, idempotencyKey }: Letter,
  variables: Record<string, string>,
): Promise<Delivered> {
  const body = await client.call(
    { action: 'SendSms', version },
    {
      PhoneNumbers: number,
      SignName: settings.signName,
      TemplateCode: content.kind === 'code' ? settings.codeTemplate : settings.noticeTemplate,
      TemplateParam: JSON.stringify(variables),
      OutId: idempotencyKey,
    },
  )
  const answer = SentSms.safeParse(body)
  if (!answer.success) throw unreadable()
  const { Code, Message, BizId } = answer.data
  if (Code !== 'OK') throw refusedBy(Code, Message, now())
  return { message: null, code: Code, text: BizId === undefined ? Message : `${Message} (BizId ${BizId})` }
}

/** Whether an earlier try was taken after all; null: it was not. Throws while that cannot be told. */
async function findEarlier(
  { client, now }: MainlandDeps,
  number: string,
  { idempotencyKey }: Letter,
  firstTriedAt: number,
): Promise<Delivered | null> {
  for (const day of daysBetween(firstTriedAt, now())) {
    for (let page = 1; ; page += 1) {
      const details = await query(client, now, { number, day, page })
      const found = details.find(({ OutId }) => OutId === idempotencyKey)
      if (found?.SendStatus === 2) {
        throw new ChannelError('rejected', found.ErrCode || 'failed', 'an earlier try was taken and did not arrive')
      }
      if (found !== undefined) {
        return { message: null, code: 'OK', text: 'an earlier try had been taken' }
      }
      if (details.length < pageSize) break
    }
  }
  if (now() - firstTriedAt >= recordedWithinMs) return null
  throw new ChannelError('retry', 'outcome_unknown', 'an earlier try may have been taken; it is looked for again', {
    outcomeUnknown: true,
    retryAfterMs: firstTriedAt + recordedWithinMs - now(),
  })
}

async function query(
  client: SmsClient,
  now: () => number,
  { number, day, page }: { number: string; day: string; page: number },
) {
  try {
    const body = await client.call(
      { action: 'QuerySendDetails', version },
      { PhoneNumber: number, SendDate: day, PageSize: String(pageSize), CurrentPage: String(page) },
    )
    const answer = SendDetails.safeParse(body)
    if (!answer.success) throw unreadable()
    if (answer.data.Code !== 'OK') throw refusedBy(answer.data.Code, answer.data.Message, now())
    return answer.data.SmsSendDetailDTOs.SmsSendDetailDTO
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const { kind, code, message, retryAfterMs, scope } = error
    // Whatever came of the question, what came of the message is as unknown as before.
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    const lasting = kind === 'rejected' || kind === 'gone' ? 'retry' : kind
    throw new ChannelError(lasting, code, message, { outcomeUnknown: true, scope, ...wait, cause: error })
  }
}

/** `20261121`, for each day in China from one time to another. */
function daysBetween(from: number, to: number): string[] {
  const first = Math.floor((from + chinaOffsetMs) / dayMs)
  const last = Math.floor((to + chinaOffsetMs) / dayMs)
  return Array.from({ length: last - first + 1 }, (_, index) =>
    new Date((first + index) * dayMs).toISOString().slice(0, 10).replaceAll('-', ''),
  )
}

export function unreadable(): ChannelError {
  return new ChannelError('retry', 'unreadable', 'the answer of the service cannot be read', { outcomeUnknown: true })
}
