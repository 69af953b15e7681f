import type { NotificationSettings } from '@countersign/contracts'
import { callingCodeOf, countries, regionCountries } from '@countersign/notification-settings/phone-number'
import { offsetOf, placeOf, timeZones } from '@countersign/notification-settings/time-zones'
import { hasMessage, t } from '../i18n/i18n.ts'

/** Every country with its calling code: those of the six regions, then the rest by name. */
export function countryChoices(locale: string): { country: string; name: string; code: string }[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  const { compare } = new Intl.Collator(locale)
  const isOurs = (country: string): boolean => regionCountries.some((one) => one === country)
  const rest = countries.filter((country) => !isOurs(country))
  const choice = (country: string) => ({ country, name: names.of(country) ?? country, code: callingCodeOf(country) })
  return [...regionCountries.map(choice), ...rest.map(choice).sort((one, other) => compare(one.name, other.name))]
}

/** `Kuala Lumpur (UTC+08:00)`, in the language of the page for the places of the regions. */
export function zoneName(zone: string, now: number): string {
  const key = `notify.zone.${zone.replace('/', '_')}`
  return `${hasMessage(key) ? t(key) : placeOf(zone)} (${offsetOf(zone, now)})`
}

/** Every time zone: the person's own and that of this computer first, then those of the regions. */
export function zoneChoices({ timeZone }: NotificationSettings, now: number): { zone: string; label: string }[] {
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const first = timeZone === null ? [here] : [timeZone, here]
  return timeZones(first).map((zone) => ({ zone, label: zoneName(zone, now) }))
}
