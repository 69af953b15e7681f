import parsePhoneNumber from 'libphonenumber-js'

/** Whom a message goes to, as each of the two services wants it: the mainland's by its own rules, everybody else's. */
export type SmsNumber = { isMainland: true; national: string } | { isMainland: false; international: string }

/** Digits of the number; null for what can be no number. Hong Kong, Macao and Taiwan are not the mainland here. */
export function readNumber(mobile: string): SmsNumber | null {
  const number = parsePhoneNumber(mobile)
  if (number === undefined || !number.isPossible()) return null
  if (number.countryCallingCode === '86') return { isMainland: true, national: number.nationalNumber }
  return { isMainland: false, international: `${number.countryCallingCode}${number.nationalNumber}` }
}
