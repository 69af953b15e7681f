import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* What people are told in the tenant's own words: edited by administrators and DBAs, with a preview in every language. */

const stage = useStage()
const textsPath = (): string => `${stage.world.url}/api/app/text-templates`

describe('a text', () => {
  it('is opened, refused with line and column, previewed as it is typed, kept, and reset', async () => {
    const page = await openConsole(stage, 'alice', 'texts?channel=email&locale=en')
    await see(page.getByRole('heading', { level: 1, name: 'Texts' }))
    await stage.shot(page, 'list')
    await page.getByRole('link', { name: 'Edit: Decision needed' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Decision needed' }))
    const english = page.locator('[data-locale="en"]')
    await see(english.getByText('#1042 Export Q3 orders for the auditors'))
    await see(page.locator('[data-locale="ar"]').getByText('تصدير طلبات الربع الثالث للمدققين'))

    const body = page.getByLabel('Body', { exact: true })
    await body.fill('Please look.\n{{ nope }}')
    await see(page.getByRole('alert').getByText('there is no variable nope'))
    await page.getByRole('button', { name: 'Body, line 2, column 4' }).click()
    const caret = (): Promise<unknown> => page.evaluate('document.activeElement.selectionStart')
    expect(await caret()).toBe('Please look.\n{{ '.length)
    await stage.shot(page, 'refused')

    await body.fill('Dear ')
    await page.getByRole('button', { name: 'Insert recipient' }).click()
    expect(await body.inputValue()).toBe('Dear {{ recipient }}')
    await page.getByLabel('Title', { exact: true }).fill('{{ tenant }}: {{ ticket }}')
    await see(english.getByText('Acme: #1042 Export Q3 orders for the auditors'))
    await seeNoMore(page.getByRole('alert'))
    // Not stored yet: whoever goes is asked.
    await page.getByRole('link', { name: 'All texts' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Keep editing' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByText('Saved', { exact: true }))
    await see(english.getByText('Our own'))
    await stage.shot(page, 'own')
    await page.getByRole('link', { name: 'All texts' }).click()
    const row = page.getByRole('row').filter({ hasText: 'Decision needed' })
    await see(row.getByText('Our own'))
    await row.getByRole('link', { name: 'Edit' }).click()
    await page.getByRole('button', { name: 'Reset to default' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Reset to default' }).click()
    await see(page.getByText('The default text is in force again.'))
    await seeNoMore(page.getByText('Our own'))
  })

  it('is filled with a real ticket, of which nothing becomes part of the page', async () => {
    const title = 'Read <img src=x onerror=alert(1)> & <b>write</b>'
    await stage.world.api.submit({ title, nodes: [{ name: 'Owner', approvers: ['alice'] }] })
    const page = await openConsole(stage, 'chen', 'texts/email/en/pending', { platform: 'Feishu' })
    const preview = page.getByRole('region', { name: 'Preview' })
    await see(preview.getByText('#1042'))
    await preview.getByRole('combobox', { name: 'Filled with' }).click()
    await page.getByRole('option', { name: title }).click()
    await see(preview.locator('[data-locale="en"]').getByText(title))
    expect(await preview.locator('img, b').count()).toBe(0)
    await stage.shot(page, 'real-ticket')
  })

  it('is no business of anybody else, and a place that does not exist is none', async () => {
    const page = await openConsole(stage, 'bob', 'texts')
    await see(page.getByText('You may not do this.'))
    expect(await page.getByRole('link', { name: 'Texts', exact: true }).count()).toBe(0)
    await page.goto(`${stage.world.url}/console/texts/email/en/pending`)
    await see(page.getByText('You may not do this.'))
    const data = { kind: 'pending', channel: 'email', locale: 'en', title: 'x', body: 'y' }
    expect((await page.request.put(textsPath(), { headers: ownHeaders(stage), data })).status()).toBe(403)
    const alice = await openConsole(stage, 'alice', 'texts/lark/en/bundle')
    await see(alice.getByText('Page not found'))
    await alice.goto(`${stage.world.url}/console/texts/pigeon/en/pending`)
    await see(alice.getByText('Page not found'))
  })
})

describe.each([
  { language: 'zh-CN', dark: true },
  { language: 'ar', dark: false },
] as const)('a text in $language', ({ language, dark }) => {
  it('is edited and previewed in its own direction', async () => {
    const page = await openConsole(stage, 'alice', `texts/email/${language}/pending`, { language, dark })
    const own = page.locator(`article[data-locale="${language}"] .message`)
    await see(own)
    expect(await own.getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    expect(await page.locator('article').first().getAttribute('data-locale')).toBe(language)
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
    await stage.shot(page, `${language}-text`)
  })
})
