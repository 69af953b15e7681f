import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { RegionName } from '#server/config/regions.ts'

/** Whose numbers may be written without country code: those of the region; of mainland China where none is set, as in DMS. */
const countries: Readonly<Record<RegionName, CountryCode>> = {
  'cn-hangzhou': 'CN',
  'ap-northeast-1': 'JP',
  'ap-southeast-1': 'SG',
  'ap-southeast-3': 'MY',
  'ap-southeast-5': 'ID',
  'me-central-1': 'SA',
}

export function homeCountry(region: RegionName | null): CountryCode {
  return region === null ? 'CN' : countries[region]
}

/** A number with nothing but digits, and the marks by which people group them. */
const writtenNumber = /^\+?[\d\s().·/-]{4,40}$/u
/** Of these kinds, or of a kind that its country does not tell apart. */
const mobileTypes: ReadonlySet<string | undefined> = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', undefined])

/** A mobile number as E.164, however it was written. Null: there is no such mobile number. */
export function parseMobile(text: string, country: CountryCode): string | null {
  const written = text.normalize('NFKC').trim()
  if (!writtenNumber.test(written)) return null
  const number = parsePhoneNumberFromString(written, { defaultCountry: country, extract: false })
  if (number === undefined || !number.isValid() || !mobileTypes.has(number.getType())) return null
  return number.number
}
