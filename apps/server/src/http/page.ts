import { createHash } from 'node:crypto'
import type { Locale } from '@countersign/contracts'
import type { Response } from 'express'
import { type Html, html } from './html.ts'
import { pageStyle } from './page-style.ts'

/*
 * Small pages that need no script: for links in mails, which are opened in whatever browser a mail program has. One style
 * for all of them, allowed by its hash; nothing else is loaded, from anywhere.
 */

const styleHash = createHash('sha256').update(pageStyle.text).digest('base64')

/** As strict as a page can be that posts a form to itself. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface SmallPage {
  locale: Locale
  /** For the browser's tab: says nothing of a ticket. */
  title: string
  body: Html
}

/** Sends it so that it is neither kept nor told to anybody where it led. */
export function sendPage(res: Response, status: number, page: SmallPage): void {
  res.setHeader('content-security-policy', contentSecurityPolicy)
  res.setHeader('cache-control', 'no-store')
  res.setHeader('referrer-policy', 'no-referrer')
  res.setHeader('x-robots-tag', 'noindex, nofollow')
  res.status(status).type('html').send(document(page))
}

function document({ locale, title, body }: SmallPage): string {
  const direction = locale === 'ar' ? 'rtl' : 'ltr'
  return `<!doctype html>${
    html`<html lang="${locale}" dir="${direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><meta name="format-detection" content="telephone=no"><meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer"><meta name="theme-color" content="#f1f3f8" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#0b0d12" media="(prefers-color-scheme: dark)"><title>${title}</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head><body>${body}</body></html>`
      .text
  }`
}
