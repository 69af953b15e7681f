/// <reference path="./virtual-calling-codes.d.ts" />
import callingCodes from 'virtual:calling-codes'

/** The countries of the six regions: most people who open this app are from one of them. */
export const regionCountries = ['CN', 'SG', 'MY', 'ID', 'JP', 'SA'] as const

interface Plan {
  country: string
  code: string
  trunkPrefix: string
}
const plans: readonly Plan[] = callingCodes.map(([country, code, trunkPrefix]) => ({ country, code, trunkPrefix }))
const planOf = (country: string): Plan => {
  const plan = plans.find((candidate) => candidate.country === country)
  if (plan === undefined) throw new Error(`There is no calling code for ${country}.`)
  return plan
}

/** Every country that has a calling code. */
export const countries: readonly string[] = plans.map((plan) => plan.country)
/** `+86`. */
export const callingCodeOf = (country: string): string => `+${planOf(country).code}`

/** Figures as other scripts and input methods write them: Arabic, Persian, and the wide ones of Chinese and Japanese. */
const zeros = [0x0660, 0x06f0, 0xff10]

/** The same text with every figure as 0 to 9. */
export function asciiFigures(text: string): string {
  return [...text]
    .map((character) => {
      const zero = zeros.find((start) => character.charCodeAt(0) >= start && character.charCodeAt(0) <= start + 9)
      return zero === undefined ? character : String(character.charCodeAt(0) - zero)
    })
    .join('')
}

/** The figures of a text, and nothing else. */
export const figuresOf = (text: string): string => asciiFigures(text).replace(/\D/g, '')

/** What was typed in the form that platforms take: `+` and 7 to 15 figures. Undefined when it cannot be a number. */
export function toInternational(country: string, typed: string): string | undefined {
  const whole = splitInternational(typed)
  const plan = planOf(whole?.country ?? country)
  const figures = figuresOf(whole?.number ?? typed)
  // At home people write 0812…, from abroad +62 812…: the 0 belongs to the one way of dialling only.
  const isAtHome = plan.trunkPrefix !== '' && figures.startsWith(plan.trunkPrefix)
  const number = `+${plan.code}${isAtHome ? figures.slice(plan.trunkPrefix.length) : figures}`
  return /^\+[1-9]\d{6,14}$/.test(number) && figures.length >= 5 ? number : undefined
}

/** A number that was pasted with its country (`+86 138…`, `0086138…`): country and the rest. Undefined when without. */
export function splitInternational(typed: string): { country: string; number: string } | undefined {
  const text = asciiFigures(typed).trim()
  const start = /^(\+|＋|00)/.exec(text)?.[0]
  if (start === undefined) return undefined
  const figures = figuresOf(text.slice(start.length))
  const matching = plans.filter((plan) => figures.startsWith(plan.code))
  // No calling code is the beginning of another. Where countries share one, ours come first, then the largest by custom.
  const known: readonly string[] = [...regionCountries, 'US', 'RU', 'GB', 'IT', 'AU', 'FR', 'NO', 'FI', 'MA']
  const found = matching.find((plan) => known.includes(plan.country)) ?? matching[0]
  return found === undefined ? undefined : { country: found.country, number: figures.slice(found.code.length) }
}

const countryOfZone: Record<string, string> = {
  'Asia/Shanghai': 'CN',
  'Asia/Singapore': 'SG',
  'Asia/Kuala_Lumpur': 'MY',
  'Asia/Jakarta': 'ID',
  'Asia/Tokyo': 'JP',
  'Asia/Riyadh': 'SA',
}
const countryOfLocale: Record<string, string> = { 'zh-CN': 'CN', ja: 'JP', ms: 'MY', id: 'ID', ar: 'SA' }

/** The country to begin with: where the person is, else where their language is at home. */
export const likelyCountry = (timeZone: string, locale: string): string =>
  countryOfZone[timeZone] ?? countryOfLocale[locale] ?? 'SG'
