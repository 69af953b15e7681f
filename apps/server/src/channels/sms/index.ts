import { channelAddresses, SmsSettings, type TenantId } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { untilStopped } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { createSmsClient } from './client.ts'
import { examineSms } from './doctor/examine.ts'
import { sendInternational } from './international.ts'
import { sendMainland } from './mainland.ts'
import { readNumber } from './number.ts'

export interface SmsDeps {
  /** Epoch milliseconds. */
  now: () => number
}

/** Text messages through Alibaba Cloud. Throws ZodError on bad settings. */
export function createSms(record: { tenantId: TenantId; settings: unknown }, { now }: SmsDeps): Messenger {
  const settings = SmsSettings.parse(record.settings)
  const mainland = { client: createSmsClient(settings, settings.endpoint, now), settings, now }
  const international = {
    client: createSmsClient(settings, settings.internationalEndpoint, now),
    senderId: settings.senderId,
    now,
  }
  return {
    tenantId: record.tenantId,
    name: 'sms',
    appId: settings.accessKeyId,
    format: 'plain',
    limits: {
      // Far below what the service takes: nobody sends more on purpose.
      app: [{ points: 50, seconds: 1 }],
      // A burst of tickets becomes a message every few seconds, with a count. The service's own limits of a day are left to it.
      receiver: [{ points: 10, seconds: 60 }],
      message: [],
    },
    canBundle: true,
    receiverOf: (address) => channelAddresses.sms.parse(address).mobile,
    examine: (examination) =>
      examineSms({ settings, client: untilStopped(mainland.client, examination.signal), now }, examination),
    async send(letter) {
      const number = readNumber(channelAddresses.sms.parse(letter.address).mobile)
      if (number === null) throw new ChannelError('rejected', 'bad_number', 'this cannot be a mobile number')
      return number.isMainland
        ? sendMainland(mainland, number.national, letter)
        : sendInternational(international, number.international, letter)
    },
  }
}
