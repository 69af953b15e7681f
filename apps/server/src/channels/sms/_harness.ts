import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import type { MessengerHarness, MessengerPlatform, ShownMessage } from '#server/channels/messenger.contract.ts'
import { type Asked, smsSettings, startService } from './_service.ts'

const codes: Record<Exclude<ChannelErrorKind, 'gone' | 'retry'>, string> = {
  rate_limited: 'isv.BUSINESS_LIMIT_CONTROL',
  auth: 'isv.AMOUNT_NOT_ENOUGH',
  rejected: 'isv.MOBILE_NUMBER_ILLEGAL',
}
const numbers: Readonly<Record<string, string>> = { one: '+6591234567', two: '+6591234568' }
const numberOf = (receiver: string): string => numbers[receiver] ?? '+6591234569'

/** The service for numbers abroad, where a message says all that it has to say, as the contract of all messengers sees it. */
export const smsHarness: MessengerHarness = {
  name: 'sms',
  settings: [['Alibaba Cloud', smsSettings('http://127.0.0.1:9')]],
  hostileAddresses: null,
  // A number that nobody has any more is one that nobody ever had; what the service refuses in passing may have been taken.
  lacks: ['gone', 'retry'],
  async startPlatform(): Promise<MessengerPlatform> {
    const messages: ShownMessage[] = []
    const service = await startService()
    const take = (asked: Asked) => {
      messages.push(shownText(asked.query.Message ?? ''))
      return { body: { ResponseCode: 'OK', ResponseDescription: 'accepted', MessageId: '1', Segments: '1' } }
    }
    service.on('SendMessageToGlobe', take)
    const disposed = { isClosed: false }
    const close = async (): Promise<void> => {
      if (!disposed.isClosed) await service[Symbol.asyncDispose]()
      disposed.isClosed = true
    }
    return {
      messages,
      settings: smsSettings(service.url),
      address: (receiver) => ({ mobile: numberOf(receiver) }),
      secretsOf: (receiver) => [numberOf(receiver).slice(1)],
      fail(as) {
        const answer =
          as === 'gone' || as === 'retry'
            ? { status: 503, body: { Code: 'ServiceUnavailable', Message: 'busy' } }
            : { body: { ResponseCode: codes[as], ResponseDescription: 'refused' } }
        service.on('SendMessageToGlobe', () => answer)
      },
      loseAnswer: () =>
        service.on('SendMessageToGlobe', (asked) => {
          take(asked)
          return null
        }),
      close,
      [Symbol.asyncDispose]: close,
    }
  },
}

/** A phone makes a link of every address in plain sight. */
function shownText(text: string): ShownMessage {
  const found = text.match(/https?:\/\/[^\s()]+/g) ?? []
  const links = found.filter((link) => link.startsWith('https://approve.example.com/'))
  const isGsm = /^[\n\r -_a-z£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€{}~|^[\]\\]*$/.test(text)
  // Four parts.
  const [units, most] = isGsm ? [text.length, 4 * 153] : [text.length, 4 * 67]
  return { bytes: units, maxBytes: most, text, marks: found.filter((link) => !links.includes(link)), links, key: null }
}
