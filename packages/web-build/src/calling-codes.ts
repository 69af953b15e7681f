import { getCountries, getCountryCallingCode, Metadata } from 'libphonenumber-js/min'
import type { Plugin } from 'vite'

const name = 'virtual:calling-codes'

/** Country (ISO 3166-1), calling code, and the digits that people put before a number at home (mostly 0; may be empty). */
export type CallingCode = readonly [country: string, code: string, trunkPrefix: string]

/** The library has it, and its types leave it out. */
interface DialledAtHome {
  nationalPrefix: () => string | undefined
}

/** As the numbering plans have it. */
export function callingCodes(): CallingCode[] {
  const metadata = new Metadata()
  return getCountries().map((country) => {
    metadata.selectNumberingPlan(country)
    const plan = metadata.numberingPlan as unknown as DialledAtHome
    return [country, getCountryCallingCode(country), plan.nationalPrefix() ?? '']
  })
}

/**
 * The countries' calling codes as a module of 3 kB, taken from libphonenumber at build time: its own metadata are 25 kB
 * compressed, more than the whole page that asks for a number. The server checks numbers with all of it.
 */
export function callingCodesModule(): Plugin {
  return {
    name: 'countersign:calling-codes',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(callingCodes())}` : null),
  }
}
