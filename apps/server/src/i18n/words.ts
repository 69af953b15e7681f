import type { Locale } from '@countersign/contracts'
import { IntlMessageFormat } from 'intl-messageformat'
import { intlLocale } from './translator.ts'

/** A sentence that is not yet in a language: whoever shows it knows the reader's. */
export type Words = (locale: Locale) => string

type Values = Readonly<Record<string, string | number>>

/** Says things from a catalogue of its own, in ICU MessageFormat. Values are put in as they are. */
export type Phrasebook<Key extends string> = (key: Key, values?: Values) => Words

/** For what belongs to one folder alone; complete in every language by type. */
export function createPhrasebook<Key extends string>(
  catalogues: Readonly<Record<Locale, Readonly<Record<Key, string>>>>,
): Phrasebook<Key> {
  const formats = new Map<string, IntlMessageFormat>()
  const formatOf = (locale: Locale, key: Key): IntlMessageFormat => {
    const name = `${locale} ${key}`
    const known = formats.get(name)
    if (known !== undefined) return known
    const made = new IntlMessageFormat(catalogues[locale][key], intlLocale[locale], undefined, { ignoreTag: true })
    formats.set(name, made)
    return made
  }
  return (key, values = {}) =>
    (locale) =>
      String(formatOf(locale, key).format(values))
}
