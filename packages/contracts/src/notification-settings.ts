import { z } from 'zod'
import { ChannelName, HttpUrl, Locale, Uid } from './identifiers.ts'
import { Email, EmployeeId, Mobile, Secret, TimeZone } from './people.ts'

/*
 * How one person wants to be told: the Notification Settings panel of the H5 app and of the console. The person may read
 * and change their own, an administrator those of everybody in the tenant.
 */

/** What a person gives so that a channel reaches them. `lark` takes an e-mail address or a mobile number, as DMS does. */
export const channelAddresses = {
  lark: z.union([z.strictObject({ email: Email }), z.strictObject({ mobile: Mobile })]),
  feishu: z.strictObject({ mobile: Mobile }),
  dingtalk: z.strictObject({ mobile: Mobile }),
  dingtalkExclusive: z.strictObject({ employeeId: EmployeeId }),
  dingtalkRobot: z.strictObject({ url: HttpUrl, secret: Secret.optional() }),
  wecomRobot: z.strictObject({ url: HttpUrl }),
  email: z.strictObject({ email: Email }),
  sms: z.strictObject({ mobile: Mobile }),
  webhook: z
    .strictObject({
      url: HttpUrl,
      signatureMethod: z.enum(['NONE', 'HMAC_SHA1']).default('NONE'),
      signatureKey: Secret.optional(),
    })
    .refine((hook) => hook.signatureMethod === 'NONE' || hook.signatureKey !== undefined, {
      path: ['signatureKey'],
      message: 'is required for HMAC_SHA1',
    }),
} as const satisfies Record<ChannelName, z.ZodType>

/**
 * How an address is shown to be the person's own, by a code of six digits: in a text message, in an e-mail, or said by
 * the platform's own bot to the account found there. `none`: no code is asked for, since the address is nobody's own, such
 * as a group's robot; since the person is logged in through the very account it leads to; or since an administrator sets it.
 */
export const Verification = z.enum(['none', 'sms', 'email', 'bot'])
export type Verification = z.infer<typeof Verification>

/** When the daily summary comes to those who have not said. */
export const defaultDigestAt = '09:00'

/** `digest`: held for the person's daily summary. */
export const DeliveryMode = z.enum(['instant', 'digest'])
export type DeliveryMode = z.infer<typeof DeliveryMode>

/** `22:00`, in the person's time zone. */
export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:00')
export const QuietHours = z
  .strictObject({ from: TimeOfDay, to: TimeOfDay })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from the beginning' })
export type QuietHours = z.infer<typeof QuietHours>

export const ChannelSetting = z.object({
  channel: ChannelName,
  /** Why nothing can come through it, whatever the person sets; null: it is ready. */
  unavailable: z.enum(['not_enabled', 'no_adapter']).nullable(),
  /** Whether the person wants to be told through it. False while there is no address. */
  enabled: z.boolean(),
  mode: DeliveryMode,
  /** The modes there are: not every channel can hold messages for a summary. */
  modes: z.array(DeliveryMode),
  /** For the eyes of the person, by part (`mobile`, `email`, `url` …); secrets and most of a number are dots. Null: none. */
  address: z.record(z.string(), z.string()).nullable(),
  verification: Verification,
  /** Written by the provisioning file: the address can be changed there only. */
  provisioned: z.boolean(),
  /** Of a mail address: whether it is known to be the person's own, and so lets them in. */
  proved: z.boolean().optional(),
})
export type ChannelSetting = z.infer<typeof ChannelSetting>

/** `GET /api/app/people/{uid}/notification-settings`. */
export const NotificationSettings = z.object({
  uid: Uid,
  name: z.string(),
  /** Null: the default. */
  locale: Locale.nullable(),
  timeZone: z.string().nullable(),
  /** The tenant's or region's. */
  defaults: z.object({ locale: Locale, timeZone: z.string() }),
  /** Nothing is sent in these hours; it comes when they end. Null: none. */
  quietHours: QuietHours.nullable(),
  /** When the daily summary comes. */
  digestAt: TimeOfDay,
  /** All that a tenant may have, also those it has not enabled. */
  channels: z.array(ChannelSetting),
  /** Only where nothing can reach the person as things stand: how many tickets wait for them, counted up to 1,000. */
  unreachable: z.object({ waiting: z.int() }).optional(),
})
export type NotificationSettings = z.infer<typeof NotificationSettings>

/** `PATCH` of the same: what is left out stays. */
export const ChangeNotificationSettings = z.strictObject({
  locale: Locale.nullable().optional(),
  timeZone: TimeZone.nullable().optional(),
  quietHours: QuietHours.nullable().optional(),
  digestAt: TimeOfDay.optional(),
})
export type ChangeNotificationSettings = z.infer<typeof ChangeNotificationSettings>

/** The parts of an address; what they must be depends on the channel (`channelAddresses`). */
const AddressParts = z.record(z.string().max(32), z.string().max(2_048))

/**
 * `PUT …/channels/{channel}`. A new address that is a person's own needs the `code` sent to it. An administrator who sets
 * it for somebody else answers for it and gives no code.
 */
export const SetNotificationChannel = z.strictObject({
  enabled: z.boolean().optional(),
  mode: DeliveryMode.optional(),
  address: AddressParts.optional(),
  code: z
    .string()
    .regex(/^\d{6}$/, 'must be 6 digits')
    .optional(),
})
export type SetNotificationChannel = z.infer<typeof SetNotificationChannel>

/**
 * Why a channel was not set, beside bad input (`invalid_request`): the address is the provisioning file's; the platform
 * account is somebody else's; a code is needed; it is not the one that was sent to this address; no code can be used any
 * more, ask for another; too often, see `Retry-After`; the tenant has not enabled the channel.
 */
export const channelRefusals = [
  'provisioned',
  'address_taken',
  'code_required',
  'code_wrong',
  'code_expired',
  'too_many_requests',
  'channel_not_enabled',
] as const
export type ChannelRefusal = (typeof channelRefusals)[number]

/**
 * `POST …/channels/{channel}/code`. The answer is the same whether or not the address exists. `via` is `none`, and nothing
 * is sent, where the address can be set without a code.
 */
export const SendVerificationCode = z.strictObject({ address: AddressParts })
export const SentVerificationCode = z.object({
  via: Verification,
  /** Seconds until another may be asked for, and for which this one can be used. */
  resendAfter: z.int(),
  validFor: z.int(),
})
export type SentVerificationCode = z.infer<typeof SentVerificationCode>

/** `POST …/channels/{channel}/test`: what came of a test message to the address that is stored. */
export const ChannelTest = z.object({
  ok: z.boolean(),
  /** The platform's own code, verbatim, or ours in words. */
  code: z.string(),
  message: z.string(),
})
export type ChannelTest = z.infer<typeof ChannelTest>
