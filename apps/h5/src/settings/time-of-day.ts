import { formatTimeOfDay as formatIn } from '@countersign/notification-settings/time-of-day'
import { currentLocale } from '../i18n/i18n.ts'

/** `22:00` as people read it in the language on the screen. */
export const formatTimeOfDay = (time: string): string => formatIn(time, currentLocale.value)
