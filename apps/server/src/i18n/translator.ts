import type { Locale } from '@countersign/contracts'
import { IntlMessageFormat } from 'intl-messageformat'
import { ar } from './messages/ar.ts'
import { en, type MessageKey, type Messages } from './messages/en.ts'
import { id } from './messages/id.ts'
import { ja } from './messages/ja.ts'
import { ms } from './messages/ms.ts'
import { zhCN } from './messages/zh-cn.ts'

/** The texts of every language, complete by type. */
export const catalogues: Readonly<Record<Locale, Messages>> = { 'zh-CN': zhCN, en, ja, ms, id, ar }

/** Latin digits and the Gregorian calendar everywhere, so that ticket numbers, dates and SQL on one card agree. */
export const intlLocale: Readonly<Record<Locale, string>> = {
  'zh-CN': 'zh-CN',
  en: 'en-GB',
  ja: 'ja-JP',
  ms: 'ms-MY',
  id: 'id-ID',
  ar: 'ar-u-ca-gregory-nu-latn',
}

export interface Translator {
  readonly locale: Locale
  /** The sentence in the person's language. Values are put in as they are: nothing in them is interpreted. */
  text(key: MessageKey, values?: Readonly<Record<string, string | number>>): string
  /** Name of a ticket module; one that we do not know is made readable (`key_rotation` → "Key rotation"). */
  module(module: string): string
  /** Date and time of day, in the person's time zone. `at` in epoch milliseconds. */
  dateTime(at: number, timeZone: string): string
  /** "3 hours ago", "in 2 days". Lies as soon as it is old: not for anything that stays on a screen. Epoch milliseconds. */
  relative(at: number, now: number): string
  /** "Alice, Bob and Carol". */
  list(names: readonly string[]): string
  /** Sentences one after the other: Chinese and Japanese put no space between them. */
  sentences(sentences: readonly string[]): string
}

const translators = new Map<Locale, Translator>()

/** Speaks to people in one language. Cheap to call: each language is built once. */
export function createTranslator(locale: Locale): Translator {
  const known = translators.get(locale)
  if (known !== undefined) return known
  const translator = build(locale)
  translators.set(locale, translator)
  return translator
}

function build(locale: Locale): Translator {
  const tag = intlLocale[locale]
  const formats = new Map<MessageKey, IntlMessageFormat>()
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
  const list = new Intl.ListFormat(tag, { type: 'conjunction' })
  const text: Translator['text'] = (key, values = {}) => {
    let format = formats.get(key)
    if (format === undefined) {
      format = new IntlMessageFormat(catalogues[locale][key], tag, undefined, { ignoreTag: true })
      formats.set(key, format)
    }
    return String(format.format(values))
  }
  return {
    locale,
    text,
    module: (module) => (isModuleKey(`module.${module}`) ? text(`module.${module}` as MessageKey) : readable(module)),
    dateTime: (at, timeZone) => dateFormat(tag, timeZone).format(at),
    relative(at, now) {
      const { value, unit } = largestUnit(at - now)
      return relative.format(value, unit)
    },
    list: (names) => list.format(names),
    sentences: (sentences) => sentences.join(locale === 'zh-CN' || locale === 'ja' ? '' : ' '),
  }
}

function isModuleKey(key: string): boolean {
  return Object.hasOwn(en, key)
}

function readable(module: string): string {
  const words = module.replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(tag: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${tag} ${timeZone}`
  let format = dateFormats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone: knownZone(timeZone) })
    dateFormats.set(key, format)
  }
  return format
}

/** A zone that this host does not know must not keep a card from being sent. */
function knownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

const unitsMs = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

function largestUnit(differenceMs: number): { value: number; unit: Intl.RelativeTimeFormatUnit } {
  const found = unitsMs.find(([, length]) => Math.abs(differenceMs) >= length)
  if (found === undefined) return { value: Math.trunc(differenceMs / 1_000), unit: 'second' }
  return { value: Math.trunc(differenceMs / found[1]), unit: found[0] }
}
