import type settings from '@countersign/notification-settings/messages/en.json'
import type words from '@countersign/words/en.json'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import { type AppLocale, directionOf } from './choose-locale.ts'
import type en from './messages/en.json'
import { rememberLocale } from './storage.ts'

/** Dotted keys of a catalogue; a key that does not exist is a type error. */
type KeysOf<Tree, Prefix extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string ? `${Prefix}${Key}` : KeysOf<Tree[Key], `${Prefix}${Key}.`>
}[keyof Tree & string]
/** Of the app, and of the words that all apps share, which the build adds to each catalogue. */
export type MessageKey = KeysOf<typeof en> | KeysOf<typeof words> | KeysOf<typeof settings>

/** The texts of a part of the app: one module for each language. */
export type Catalogues = Record<AppLocale, () => Promise<{ default: object }>>

// Only the catalogue in use is loaded, each as its own chunk; the boot script has already asked for it.
const firstScreen: Catalogues = {
  'zh-CN': () => import('./messages/zh-CN.json'),
  en: () => import('./messages/en.json'),
  ja: () => import('./messages/ja.json'),
  ms: () => import('./messages/ms.json'),
  id: () => import('./messages/id.json'),
  ar: () => import('./messages/ar.json'),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: false, missingWarn: false, messages: {} })
/** The parts whose texts are wanted in whatever language is shown. */
const parts = new Set([firstScreen])
const loaded = new Set<Catalogues[AppLocale]>()
const fixedTexts = new Map<string, string>()

/** The language on the screen. */
export const currentLocale = shallowRef<AppLocale>('en')
/** Where dates and times are read: the person's own zone after log-in, the phone's before. */
export const currentTimeZone = shallowRef<string | undefined>(undefined)

async function loadTexts(locale: AppLocale): Promise<void> {
  const missing = [...parts].map((catalogues) => catalogues[locale]).filter((load) => !loaded.has(load))
  await Promise.all(
    missing.map(async (load) => {
      i18n.global.mergeLocaleMessage(locale, (await load()).default)
      loaded.add(load)
    }),
  )
}

/** Adds the texts of a part that loads on demand, in the language on the screen and in every one that follows. */
export async function addTexts(catalogues: Catalogues): Promise<void> {
  parts.add(catalogues)
  await loadTexts(currentLocale.value)
}

/** Loads a language, then shows it: texts, writing direction, and the document's own language. */
export async function useLocale(locale: AppLocale): Promise<void> {
  await loadTexts(locale)
  i18n.global.locale.value = locale as never
  currentLocale.value = locale
  document.documentElement.lang = locale
  document.documentElement.dir = directionOf(locale)
  rememberLocale(locale)
}

/** The text of a key in the language on the screen, with its placeholders filled. */
export function t(key: MessageKey, values?: Record<string, string | number>): string {
  if (values !== undefined) return i18n.global.t(key, values)
  // Most texts have no placeholder and stand in every row of a list: looked up once.
  const id = `${currentLocale.value} ${key}`
  const known = fixedTexts.get(id)
  if (known !== undefined) return known
  const text = i18n.global.t(key)
  fixedTexts.set(id, text)
  return text
}

/** Whether the catalogue has a key that was put together at run time, such as a module's. */
export const hasMessage = (key: string): key is MessageKey => i18n.global.te(key)
