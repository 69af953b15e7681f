/** A phone number as the sandbox keeps it: country code and number, digits only. */
export interface PhoneNumber {
  digits: string
  isMainland: boolean
}

const mainland = /^1[3-9]\d{9}$/
/** Of the countries that the demo's people live in; any other is named by its code. */
const countries: Record<string, { country: string; region: string }> = {
  '1': { country: 'United States', region: 'United States' },
  '60': { country: 'Malaysia', region: 'Malaysia' },
  '62': { country: 'Indonesia', region: 'Indonesia' },
  '65': { country: 'Singapore', region: 'Singapore' },
  '81': { country: 'Japan', region: 'Japan' },
  '852': { country: 'Hongkong, China', region: 'HongKong' },
  '966': { country: 'Saudi Arabia', region: 'Saudi Arabia' },
}

/** A recipient of SendSms: mainland numbers bare or with +86, 0086, 86; all others with their country code. */
export function readPhoneNumber(text: string): PhoneNumber | undefined {
  if (!/^(\+|00)?\d+$/.test(text)) return undefined
  const digits = text.replace(/^(\+|00)/, '')
  const bare = digits.replace(/^86(?=1\d{10}$)/, '')
  if (mainland.test(bare) && (digits !== bare || !/^(\+|00)/.test(text)))
    return { digits: `86${bare}`, isMainland: true }
  if (digits.startsWith('86') || !/^[1-9]\d{6,14}$/.test(digits)) return undefined
  return { digits, isMainland: false }
}

/** A recipient of SendMessageToGlobe: country code and number, digits only, not of the mainland. */
export function readForeignNumber(text: string): PhoneNumber | undefined {
  const isForeign = /^[1-9]\d{6,14}$/.test(text) && !/^86(?=1\d{10}$)/.test(text)
  return isForeign ? { digits: text, isMainland: false } : undefined
}

/** The same number however people write it: `+65 9123-4567`, `13800138000`, `+86 138…`. */
export function canonicalNumber(text: string): string {
  const digits = text.replace(/\D/g, '').replace(/^00/, '')
  return mainland.test(digits) && !/^\s*(\+|00)/.test(text) ? `86${digits}` : digits
}

/** What a number belongs to, in the platform's words. */
export function describeNumber(digits: string): { Country: string; Region: string; Carrier: string } {
  const code = Object.keys(countries)
    .sort((one, other) => other.length - one.length)
    .find((prefix) => digits.startsWith(prefix))
  const { country, region } = countries[code ?? ''] ?? { country: 'Unknown', region: 'Unknown' }
  return { Country: country, Region: region, Carrier: 'Sandbox' }
}
