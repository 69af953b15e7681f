import { z } from 'zod'

/** The limits of the service, as switches; zero switches one off (section 7 of the protocol notes). */
export interface SmsSettings {
  /** Codes with one signature to one number. */
  codesPerMinute: number
  codesPerHour: number
  codesPerDay: number
  /** Codes to one number, whoever signs. */
  codesPerNumberAndDay: number
  /** Notices with one signature and template to one number. */
  noticesPerDay: number
  /** Messages of one account, which its administrator limits; off unless set. */
  accountPerDay: number
  accountPerMonth: number
  /** Calls of one account: SendSms, and SendMessageToGlobe. */
  callsPerSecond: number
  globeCallsPerSecond: number
  /** Characters of one variable: 35 today, 20 in older documents. */
  maxVariableLength: number
}

export const documentedSmsSettings: SmsSettings = {
  codesPerMinute: 1,
  codesPerHour: 5,
  codesPerDay: 10,
  codesPerNumberAndDay: 40,
  noticesPerDay: 50,
  accountPerDay: 0,
  accountPerMonth: 0,
  callsPerSecond: 5_000,
  globeCallsPerSecond: 2_000,
  maxVariableLength: 35,
}

const limit = z.int().nonnegative()

/** A change of some of them, from the control API. */
export const smsSettingsSchema = z
  .strictObject({
    codesPerMinute: limit,
    codesPerHour: limit,
    codesPerDay: limit,
    codesPerNumberAndDay: limit,
    noticesPerDay: limit,
    accountPerDay: limit,
    accountPerMonth: limit,
    callsPerSecond: limit,
    globeCallsPerSecond: limit,
    maxVariableLength: z.int().positive(),
  } satisfies Record<keyof SmsSettings, z.ZodType>)
  .partial()
