import type settings from '@countersign/notification-settings/messages/en.json'
import type words from '@countersign/words/en.json'
import type { Language } from 'element-plus/es/locale/index.mjs'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import { remember } from '../ui/remember.ts'
import { type AppLocale, directionOf, localeKey } from './choose-locale.ts'
import type own from './messages/en.json'

/** Dotted keys of the catalogue; a key that does not exist is a type error. */
type KeysOf<Tree, Prefix extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string ? `${Prefix}${Key}` : KeysOf<Tree[Key], `${Prefix}${Key}.`>
}[keyof Tree & string]
/** What is said about notification settings, in the words of the H5 app, stands under `notify`. */
export type MessageKey = KeysOf<typeof own> | KeysOf<typeof words> | KeysOf<typeof settings, 'notify.'>

interface Texts {
  own: () => Promise<{ default: object }>
  settings: () => Promise<{ default: object }>
  /** What the component library says itself, such as in a date picker. */
  library: () => Promise<{ default: Language }>
}

const catalogues: Record<AppLocale, Texts> = {
  'zh-CN': {
    own: () => import('./messages/zh-CN.json'),
    settings: () => import('@countersign/notification-settings/messages/zh-CN.json'),
    library: () => import('element-plus/es/locale/lang/zh-cn.mjs'),
  },
  en: {
    own: () => import('./messages/en.json'),
    settings: () => import('@countersign/notification-settings/messages/en.json'),
    library: () => import('element-plus/es/locale/lang/en.mjs'),
  },
  ja: {
    own: () => import('./messages/ja.json'),
    settings: () => import('@countersign/notification-settings/messages/ja.json'),
    library: () => import('element-plus/es/locale/lang/ja.mjs'),
  },
  ms: {
    own: () => import('./messages/ms.json'),
    settings: () => import('@countersign/notification-settings/messages/ms.json'),
    library: () => import('element-plus/es/locale/lang/ms.mjs'),
  },
  id: {
    own: () => import('./messages/id.json'),
    settings: () => import('@countersign/notification-settings/messages/id.json'),
    library: () => import('element-plus/es/locale/lang/id.mjs'),
  },
  ar: {
    own: () => import('./messages/ar.json'),
    settings: () => import('@countersign/notification-settings/messages/ar.json'),
    library: () => import('element-plus/es/locale/lang/ar.mjs'),
  },
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: false, missingWarn: false, messages: {} })

/** The language on the screen. */
export const currentLocale = shallowRef<AppLocale>('en')
/** Where dates and times are read: the person's own zone after log-in, the computer's before. */
export const currentTimeZone = shallowRef<string | undefined>(undefined)
/** The component library's own texts in that language. */
export const libraryLanguage = shallowRef<Language>()

/** Loads a language, then shows it: texts, writing direction, and the document's own language. */
export async function useLocale(locale: AppLocale): Promise<void> {
  const { own, settings, library } = catalogues[locale]
  const [messages, notify, language] = await Promise.all([own(), settings(), library()])
  i18n.global.setLocaleMessage(locale, { ...messages.default, notify: notify.default })
  i18n.global.locale.value = locale as never
  currentLocale.value = locale
  libraryLanguage.value = language.default
  document.documentElement.lang = locale
  document.documentElement.dir = directionOf(locale)
}

/** The person chose this language here: it stays in this browser, whatever their settings say. */
export async function chooseLocale(locale: AppLocale): Promise<void> {
  remember(localeKey, locale)
  await useLocale(locale)
}

/** The text of a key in the language on the screen, with its placeholders filled. */
export const t = (key: MessageKey, values: Record<string, string | number> = {}): string => i18n.global.t(key, values)

/** Whether the catalogue has a key that was put together at run time, such as a module's. */
export const hasMessage = (key: string): key is MessageKey => i18n.global.te(key)
