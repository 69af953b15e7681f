import {
  ChangeNotificationSettings,
  ChannelName,
  type ChannelSetting,
  type ChannelTest,
  channelAddresses,
  type NotificationSettings,
  SendVerificationCode,
  SetNotificationChannel,
  type Verification,
} from '@countersign/contracts'
/** The only code that is right here; the real one is told to nobody but the address. */
export const mockCode = '246810'

/** A refusal as the real server gives it: status, stable code, and the bad fields. */
export class MockRefusal extends Error {
  override readonly name = 'MockRefusal'
  readonly status: number
  readonly code: string
  readonly fields: { path: string; message: string }[]
  constructor(status: number, code: string, fields: { path: string; message: string }[] = []) {
    super(code)
    this.status = status
    this.code = code
    this.fields = fields
  }
}

interface Stored {
  parts: Record<string, string> | null
  enabled: boolean
  mode: 'instant' | 'digest'
  provisioned: boolean
}
interface Code {
  channel: ChannelName
  address: string
  expiresAt: number
  resendAt: number
  checks: number
}

/** What is true of each channel here: how an address is proved, whether it can wait, whether this tenant has it. */
const channels: Record<
  ChannelName,
  { proof: Verification; canWait: boolean; unavailable?: 'not_enabled' | 'no_adapter' }
> = {
  lark: { proof: 'bot', canWait: false },
  feishu: { proof: 'bot', canWait: false },
  dingtalk: { proof: 'sms', canWait: false },
  dingtalkExclusive: { proof: 'bot', canWait: false, unavailable: 'not_enabled' },
  dingtalkRobot: { proof: 'none', canWait: false },
  wecomRobot: { proof: 'none', canWait: false, unavailable: 'not_enabled' },
  email: { proof: 'email', canWait: true },
  sms: { proof: 'sms', canWait: true },
  webhook: { proof: 'none', canWait: false },
}
const channelNames = Object.keys(channels) as ChannelName[]
const secondMs = 1_000
const resendAfter = 60
const validFor = 600

const dots = '••••'
function mask(part: string, value: string): string {
  if (part === 'secret' || part === 'signatureKey') return dots
  if (part === 'mobile') return `${value.slice(0, 3)}${dots}${value.slice(-4)}`
  return part === 'url' ? value.replace(/([?&](?:access_token|key)=)[^&]*/, `$1${dots}`) : value
}

/** As much of a schema of the contracts as is asked here. */
interface Schema<Output> {
  safeParse: (
    value: unknown,
  ) =>
    | { success: true; data: Output }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
}
function parse<Output>(schema: Schema<Output>, value: unknown, under: string[] = []): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const bad = parsed.error.issues.map(({ path, message }) => ({ path: [...under, ...path].join('.'), message }))
  throw new MockRefusal(422, 'invalid_request', bad)
}

/** One person's notification settings in memory, by the contract. `now` is the clock of the codes. */
export function createMockSettings(
  person: { uid: string; name: string; locale: NotificationSettings['locale'] },
  now: () => number,
) {
  const stored = new Map<ChannelName, Stored>(
    channelNames.map((name) => [name, { parts: null, enabled: false, mode: 'instant', provisioned: false }]),
  )
  stored.set('feishu', { parts: { mobile: '+8613800138000' }, enabled: true, mode: 'instant', provisioned: true })
  stored.set('email', { parts: { email: 'wei.chen@acme.example' }, enabled: true, mode: 'digest', provisioned: false })
  stored.set('dingtalkRobot', {
    parts: { url: 'https://oapi.dingtalk.com/robot/send?access_token=6d1f', secret: 'SEC0' },
    enabled: false,
    mode: 'instant',
    provisioned: false,
  })
  let own: Pick<NotificationSettings, 'locale' | 'timeZone' | 'quietHours' | 'digestAt'> = {
    locale: person.locale,
    timeZone: null,
    quietHours: { from: '22:00', to: '07:00' },
    digestAt: '09:00',
  }
  const codes = new Map<ChannelName, Code>()
  /** The account that the person is logged in with needs no proof. */
  const isOwnAccount = (channel: ChannelName, parts: Record<string, string>): boolean =>
    channel === 'lark' && parts.email === `${person.uid}@acme.test`
  const of = (channel: ChannelName): Stored => {
    const found = stored.get(channel)
    if (found === undefined) throw new MockRefusal(404, 'not_found')
    return found
  }

  const view = (): NotificationSettings => ({
    uid: person.uid,
    name: person.name,
    ...own,
    defaults: { locale: 'en', timeZone: 'Asia/Shanghai' },
    channels: channelNames.map((channel): ChannelSetting => {
      const { parts, enabled, mode, provisioned } = of(channel)
      const { proof, canWait, unavailable } = channels[channel]
      return {
        channel,
        unavailable: unavailable ?? null,
        enabled,
        mode,
        modes: canWait ? ['instant', 'digest'] : ['instant'],
        address:
          parts === null
            ? null
            : Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, mask(part, value)])),
        verification: proof,
        provisioned,
      }
    }),
  })

  const mayChange = (channel: ChannelName): void => {
    if (channels[channel].unavailable !== undefined) throw new MockRefusal(403, 'channel_not_enabled')
    if (of(channel).provisioned) throw new MockRefusal(409, 'provisioned')
  }
  const readAddress = (channel: ChannelName, address: unknown): Record<string, string> => {
    const schema: Schema<Record<string, string | undefined>> = channelAddresses[channel]
    const parts = parse(schema, address, ['address'])
    return Object.fromEntries(
      Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
  }

  function prove(channel: ChannelName, parts: Record<string, string>, given: string | undefined): void {
    if (channels[channel].proof === 'none' || isOwnAccount(channel, parts)) return
    if (given === undefined) throw new MockRefusal(422, 'code_required')
    const code = codes.get(channel)
    const isUsable =
      code !== undefined && code.address === JSON.stringify(parts) && code.checks > 0 && code.expiresAt > now()
    if (!isUsable) throw new MockRefusal(422, 'code_expired')
    code.checks -= 1
    if (given !== mockCode) throw new MockRefusal(422, 'code_wrong')
    code.checks = 0
  }

  return {
    read: view,
    change(body: unknown): NotificationSettings {
      const changed = parse(ChangeNotificationSettings, body)
      own = {
        locale: changed.locale === undefined ? own.locale : changed.locale,
        timeZone: changed.timeZone === undefined ? own.timeZone : changed.timeZone,
        quietHours: changed.quietHours === undefined ? own.quietHours : changed.quietHours,
        digestAt: changed.digestAt ?? own.digestAt,
      }
      return view()
    },
    setChannel(channel: ChannelName, body: unknown): NotificationSettings {
      const { address, code, enabled, mode } = parse(SetNotificationChannel, body)
      const before = of(channel)
      if (address !== undefined) {
        mayChange(channel)
        const parts = readAddress(channel, address)
        prove(channel, parts, code)
        before.parts = parts
      }
      if (mode === 'digest' && !channels[channel].canWait)
        throw new MockRefusal(422, 'invalid_request', [{ path: 'mode', message: 'is not possible here' }])
      stored.set(channel, {
        ...before,
        enabled: before.parts !== null && (enabled ?? before.enabled),
        mode: mode ?? before.mode,
      })
      return view()
    },
    removeChannel(channel: ChannelName): NotificationSettings {
      if (of(channel).provisioned) throw new MockRefusal(409, 'provisioned')
      stored.set(channel, { parts: null, enabled: false, mode: 'instant', provisioned: false })
      return view()
    },
    sendCode(channel: ChannelName, body: unknown) {
      mayChange(channel)
      const parts = readAddress(channel, parse(SendVerificationCode, body).address)
      if (isOwnAccount(channel, parts)) return { via: 'none', resendAfter, validFor }
      const last = codes.get(channel)
      if (last !== undefined && last.resendAt > now()) throw new MockRefusal(429, 'too_many_requests')
      codes.set(channel, {
        channel,
        address: JSON.stringify(parts),
        expiresAt: now() + validFor * secondMs,
        resendAt: now() + resendAfter * secondMs,
        checks: 5,
      })
      return { via: channels[channel].proof, resendAfter, validFor }
    },
    /** A robot without our keyword answers as DingTalk does; everything else takes the message. */
    test(channel: ChannelName): ChannelTest {
      if (of(channel).parts === null) throw new MockRefusal(409, 'conflict')
      if (channel === 'dingtalkRobot') return { ok: false, code: '310000', message: 'keywords not in content' }
      if (channel === 'email') return { ok: true, code: '250', message: '2.0.0 Ok: queued as 4F1B2' }
      return channel === 'webhook' ? { ok: true, code: '200', message: 'OK' } : { ok: true, code: '0', message: 'ok' }
    },
  }
}
export type MockSettings = ReturnType<typeof createMockSettings>

/** The answer to a call about somebody's own settings; throws a MockRefusal. */
export function callMockSettings(
  mine: MockSettings,
  called: { name: string; channel: string },
  body: unknown,
): unknown {
  if (called.name === 'getNotificationSettings') return mine.read()
  if (called.name === 'changeNotificationSettings') return mine.change(body)
  const channel = ChannelName.safeParse(called.channel)
  if (!channel.success) throw new MockRefusal(404, 'not_found')
  if (called.name === 'setNotificationChannel') return mine.setChannel(channel.data, body)
  if (called.name === 'removeNotificationChannel') return mine.removeChannel(channel.data)
  return called.name === 'sendVerificationCode' ? mine.sendCode(channel.data, body) : mine.test(channel.data)
}
