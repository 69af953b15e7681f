/** The languages of the app. Checked against the contracts by a test; spelled here so that zod stays out of the bundle. */
export const appLocales = ['zh-CN', 'en', 'ja', 'ms', 'id', 'ar'] as const
export type AppLocale = (typeof appLocales)[number]

export const isAppLocale = (value: string): value is AppLocale => (appLocales as readonly string[]).includes(value)

/** Right-to-left is a switch on the document; every style uses logical sides. */
export const directionOf = (locale: AppLocale): 'rtl' | 'ltr' => (locale === 'ar' ? 'rtl' : 'ltr')

function matchLocale(tag: string): AppLocale | undefined {
  const wanted = tag.toLowerCase().replace('_', '-')
  const language = wanted.split('-')[0]
  // Malay and Indonesian share no tag; traditional Chinese readers read our simplified texts rather than English.
  return (
    appLocales.find((locale) => locale.toLowerCase() === wanted) ??
    appLocales.find((locale) => locale.split('-')[0] === language)
  )
}

/**
 * The language before anybody has logged in: the one used here last, else the chat app's own setting, else the
 * browser's. Lark and Feishu write theirs into the user agent as `LarkLocale/en_US`, DingTalk as `language/zh-Hans-CN`.
 */
export function chooseLocale(hints: {
  remembered: string | null
  userAgent: string
  languages: readonly string[]
}): AppLocale {
  if (hints.remembered !== null && isAppLocale(hints.remembered)) return hints.remembered
  const fromHost = /\b(?:LarkLocale|language)\/([A-Za-z_-]+)/.exec(hints.userAgent)?.[1]
  for (const tag of fromHost === undefined ? hints.languages : [fromHost, ...hints.languages]) {
    const locale = matchLocale(tag)
    if (locale !== undefined) return locale
  }
  return 'en'
}
