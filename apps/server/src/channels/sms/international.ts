import type { Delivered } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Letter } from '#server/channels/messenger.ts'
import type { SmsClient } from './client.ts'
import { refusedBy } from './errors.ts'
import { unreadable } from './mainland.ts'
import { countSegments } from './segments.ts'
import { internationalText } from './text.ts'
import { SentToGlobe } from './wire.ts'

/*
 * All other numbers: full text (Dysmsapi 2018-05-01). The service neither knows a repeated message nor can be asked for one
 * whose id never came back: what may have been taken is not sent again.
 */

export interface InternationalDeps {
  client: SmsClient
  senderId: string | undefined
  now: () => number
}

/** `number`: country code and number, digits only. Throws ChannelError. */
export async function sendInternational(
  { client, senderId, now }: InternationalDeps,
  number: string,
  letter: Letter,
): Promise<Delivered> {
  if (letter.firstTriedAt !== null) {
    throw new ChannelError('rejected', 'outcome_unknown', 'an earlier try may have been taken; it is not sent twice')
  }
  const text = internationalText(letter)
  const body = await client.call(
    { action: 'SendMessageToGlobe', version: '2018-05-01' },
    {
      To: number,
      Message: text,
      Type: letter.content.kind === 'code' ? 'OTP' : 'NOTIFY',
      ...(senderId === undefined ? {} : { From: senderId }),
    },
  )
  const answer = SentToGlobe.safeParse(body)
  if (!answer.success) throw unreadable()
  const { ResponseCode, ResponseDescription, MessageId, Segments } = answer.data
  if (ResponseCode !== 'OK') throw refusedBy(ResponseCode, ResponseDescription, now())
  const parts = Segments ?? String(countSegments(text))
  const name = MessageId === undefined ? '' : ` (MessageId ${MessageId})`
  return { message: null, code: ResponseCode, text: `taken, billed as ${parts}${name}` }
}
