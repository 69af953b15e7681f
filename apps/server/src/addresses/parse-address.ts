import { type ChannelName, channelAddresses } from '@countersign/contracts'
import type { CountryCode } from 'libphonenumber-js/max'
import { AppError } from '#server/errors.ts'
import type { FieldError } from '#server/tickets/errors.ts'
import type { AddressParts } from '#server/verification/codes.ts'
import { parseMobile } from './phone-number.ts'

/**
 * An address as a person typed it, made what the channel stores: mobile numbers as E.164, no spaces around anything. Throws
 * AppError('invalid_request') with every bad part, as `address.mobile`.
 */
export function parseAddress(channel: ChannelName, typed: AddressParts, country: CountryCode): AddressParts {
  const trimmed = Object.entries(typed).map(([part, value]) => [part, value.trim()] as const)
  const given = Object.fromEntries(trimmed.filter(([, value]) => value !== ''))
  const mobile = given.mobile === undefined ? undefined : parseMobile(given.mobile, country)
  const errors: FieldError[] = []
  if (mobile === null) errors.push({ path: 'address.mobile', message: notMobile })
  if (channel === 'lark' && (given.email === undefined) === (given.mobile === undefined)) {
    errors.push({ path: 'address', message: 'must be either an e-mail address or a mobile number' })
  }
  if (errors.length > 0) throw refused(errors)
  const normal = typeof mobile === 'string' ? { ...given, mobile } : given
  const parsed = channelAddresses[channel].safeParse(normal)
  if (parsed.success) return textParts(parsed.data)
  throw refused(
    parsed.error.issues.flatMap((issue) => {
      const place = ['address', ...issue.path].join('.')
      if (issue.code !== 'unrecognized_keys') return [{ path: place, message: issue.message }]
      return issue.keys.map((key) => ({ path: `address.${key}`, message: `is no part of an address of ${channel}` }))
    }),
  )
}

const notMobile =
  'is no valid mobile number; write it with its country code, such as +6591234567, unless it is one of your own country'

function refused(errors: FieldError[]): AppError {
  return new AppError('invalid_request', 'the address is not acceptable', { errors })
}

function textParts(address: Readonly<Record<string, string | undefined>>): AddressParts {
  return Object.fromEntries(
    Object.entries(address).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
