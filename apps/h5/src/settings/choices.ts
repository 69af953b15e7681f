import type { Locale, NotificationSettings } from '@countersign/contracts'
import { callingCodeOf, countries, regionCountries } from '@countersign/notification-settings/phone-number'
import { nameOf, offsetOf, phoneZone, placeOf, timeZones } from '@countersign/notification-settings/time-zones'
import { appLocales } from '../i18n/choose-locale.ts'
import { currentLocale, hasMessage, t } from '../i18n/i18n.ts'
import { formatTimeOfDay } from './time-of-day.ts'

/** One line of a list to choose from. */
export interface Choice {
  value: string
  label: string
  /** The language of the label where it is not that of the page. */
  lang?: string
  /** Worked out only for what is on the screen: some of it is slow. */
  detail?: () => string
  /** What a search looks in. */
  words?: () => string
}

/** Languages are listed under their own names, so that everybody finds the one they read. */
const ownNames: Record<Locale, string> = {
  'zh-CN': '简体中文',
  en: 'English',
  ja: '日本語',
  ms: 'Bahasa Melayu',
  id: 'Bahasa Indonesia',
  ar: 'العربية',
}
export const languageName = (locale: Locale): string => ownNames[locale]

/** Slow for hundreds of zones, and asked for with every letter of a search: worked out once. */
function once(work: () => string): () => string {
  let known: string | undefined
  return () => {
    known ??= work()
    return known
  }
}

/** The languages, after the default of the organization. */
export function languageChoices(byDefault: string, standard: Locale): Choice[] {
  return [
    { value: byDefault, label: t('settings.default'), detail: () => ownNames[standard] },
    ...appLocales.map((locale) => ({ value: locale, label: ownNames[locale], lang: locale })),
  ]
}

/** `Kuala Lumpur`, in the language of the page for the places of the regions. */
export function placeName(zone: string): string {
  const key = `zone.${zone.replace('/', '_')}`
  return hasMessage(key) ? t(key) : placeOf(zone)
}

const timeIn = (zone: string, now: number): string => {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now)
  return formatTimeOfDay(clock)
}

/** Every time zone, after the default: the chosen one first, then the phone's, then the regions'. */
export function zoneChoices(byDefault: string, settings: NotificationSettings, now: number): Choice[] {
  const describe = (zone: string) => [timeIn(zone, now), offsetOf(zone, now), nameOf(zone, currentLocale.value, now)]
  const detail = (zone: string) => () => describe(zone).filter(Boolean).join(' · ')
  const standard = settings.defaults.timeZone
  const zones = timeZones(settings.timeZone === null ? [phoneZone()] : [settings.timeZone, phoneZone()])
  return [
    {
      value: byDefault,
      label: t('settings.default'),
      detail: () => `${placeName(standard)} · ${offsetOf(standard, now)}`,
    },
    ...zones.map((zone) => ({
      value: zone,
      label: placeName(zone),
      detail: detail(zone),
      words: once(() => [zone, placeOf(zone), placeName(zone), ...describe(zone).slice(1)].join(' ')),
    })),
  ]
}

/** Old web views cannot name countries; the sign is then honest enough. */
const countryNames = (): { of: (country: string) => string | undefined } =>
  typeof Intl.DisplayNames === 'function'
    ? new Intl.DisplayNames([currentLocale.value], { type: 'region' })
    : { of: () => undefined }
export const countryName = (country: string): string => countryNames().of(country) ?? country

/** Every country with its calling code: the six regions', then the rest by name. */
export function countryChoices(): Choice[] {
  const names = countryNames()
  const choices = countries.map((country) => {
    const label = names.of(country) ?? country
    const code = callingCodeOf(country)
    return { value: country, label, detail: () => code, words: () => `${label} ${country} ${code}` }
  })
  const rank = ({ value }: Choice): number => {
    const place = (regionCountries as readonly string[]).indexOf(value)
    return place < 0 ? regionCountries.length : place
  }
  const { compare } = new Intl.Collator(currentLocale.value)
  return choices.sort((one, other) => rank(one) - rank(other) || compare(one.label, other.label))
}

/** The lines in which every word of the search stands. */
export function findChoices(choices: readonly Choice[], search: string): Choice[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean)
  return choices.filter((choice) => {
    const words = (choice.words?.() ?? choice.label).toLowerCase()
    return wanted.every((word) => words.includes(word))
  })
}
