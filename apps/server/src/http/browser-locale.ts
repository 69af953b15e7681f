import { type Locale, locales } from '@countersign/contracts'
import type { Request } from 'express'

/** The language of the browser, for pages on which nobody is known. */
export function browserLocale(req: Request, fallback: Locale): Locale {
  // The first of the list is what a browser that names no language gets.
  const wanted = req.acceptsLanguages([fallback, ...locales])
  return locales.find((locale) => locale === wanted) ?? fallback
}
