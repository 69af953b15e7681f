import type { Locale } from '@countersign/contracts'
import { IntlMessageFormat } from 'intl-messageformat'
import { intlLocale } from './translator.ts'

/** A sentence that is not yet in a language: whoever shows it knows the reader's. */
export type Phrase = (locale: Locale) => string

type Values = Readonly<Record<string, string | number>>

/** Says things from a catalogue of its own, in ICU MessageFormat. Values are put in as they are. */
export interface Phrasebook<Key extends string> {
  (key: Key, values?: Values): Phrase
  readonly catalogues: Catalogues<Key>
}

type Catalogues<Key extends string> = Readonly<Record<Locale, Readonly<Record<Key, string>>>>

/** For what belongs to one folder alone; complete in every language by type. */
export function createPhrasebook<Key extends string>(catalogues: Catalogues<Key>): Phrasebook<Key> {
  const formats = new Map<string, IntlMessageFormat>()
  const formatOf = (locale: Locale, key: Key): IntlMessageFormat => {
    const name = `${locale} ${key}`
    const known = formats.get(name)
    if (known !== undefined) return known
    const made = new IntlMessageFormat(catalogues[locale][key], intlLocale[locale], undefined, { ignoreTag: true })
    formats.set(name, made)
    return made
  }
  const say = (key: Key, values: Values = {}): Phrase => {
    return (locale) => String(formatOf(locale, key).format(values))
  }
  return Object.assign(say, { catalogues })
}
