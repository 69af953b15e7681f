import type { Locator, Page } from 'playwright-core'
import { become, see } from '../_browser.ts'
import { chooser } from './_console.ts'

/* What an administrator does on the pages of the first-run guide. */

/** One step among all, with what stands beside it: `done`, `missing` or `open`. */
export const stepOf = (page: Page, title: string): Locator =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('listitem').filter({ hasText: title })

export async function seeStep(page: Page, title: string, state: 'done' | 'missing' | 'open'): Promise<void> {
  await become(() => stepOf(page, title).getAttribute('data-state'), state)
}

export async function openStep(page: Page, title: string): Promise<void> {
  await stepOf(page, title).getByRole('link').click()
  await see(page.getByRole('heading', { level: 2, name: title }))
}

/** Copies by the button beside it, as it is pasted elsewhere. */
export async function copied(page: Page, what: string): Promise<string> {
  await page.getByRole('button', { name: what }).click()
  return page.evaluate<string>('navigator.clipboard.readText()')
}
export const copiedAddress = (page: Page, label: string): Promise<string> => copied(page, `Copy ${label}`)

export async function letCopy(page: Page): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
}

/** Fills settings by their names. */
export async function fillSettings(page: Page, settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await page.locator(`#setting-${name}`).fill(value)
}

export async function chooseConnection(page: Page, words: string): Promise<void> {
  await chooser(page, 'How the platform reaches this host').click()
  await page.getByRole('option', { name: words }).click()
}
