import { remembered } from '../ui/remember.ts'

/** The languages of the console, as the contracts name them. */
export const appLocales = ['zh-CN', 'en', 'ja', 'ms', 'id', 'ar'] as const
export type AppLocale = (typeof appLocales)[number]

export const localeKey = 'countersign.console.locale'
export const isAppLocale = (value: string | null): value is AppLocale => appLocales.some((locale) => locale === value)

/** Right-to-left is a switch on the document. */
export const directionOf = (locale: AppLocale): 'rtl' | 'ltr' => (locale === 'ar' ? 'rtl' : 'ltr')

/** Each language in its own words. */
export const localeNames: Readonly<Record<AppLocale, string>> = {
  'zh-CN': '简体中文',
  en: 'English',
  ja: '日本語',
  ms: 'Bahasa Melayu',
  id: 'Bahasa Indonesia',
  ar: 'العربية',
}

/** The language chosen in this browser, if any. */
export function chosenLocale(): AppLocale | null {
  const kept = remembered(localeKey)
  return isAppLocale(kept) ? kept : null
}

/** Before anybody has logged in: the one chosen here, else the browser's. */
export function firstLocale(): AppLocale {
  const chosen = chosenLocale()
  if (chosen !== null) return chosen
  for (const tag of navigator.languages) {
    const language = tag.toLowerCase().split('-')[0]
    const found = appLocales.find((locale) => locale.toLowerCase().split('-')[0] === language)
    if (found !== undefined) return found
  }
  return 'en'
}
