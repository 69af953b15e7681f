import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, become, h5Path, see, seeNoMore, useStage } from '../_browser.ts'
import { codeFor, openidClient, redirectPath, startWaysIn } from '../_ways-in.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* Into the console without a chat app, as a person sees it, and the page on which an administrator opens the ways in. */

const stage = useStage({
  start: () => startWaysIn({ change: (tenant) => void delete tenant.oidc }),
})

/** What a screen reader would stumble over. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults
  return violations.map(({ id }) => id)
}

const door = (page: Page) => page.getByRole('heading', { name: 'Sign in to Countersign' })

describe('an administrator', () => {
  it('tests a provider, sets it up and opens it; the page shows what to enter there, and no secret', async () => {
    const { sandbox, url } = stage.world
    const page = await openConsole(stage, 'alice', 'login-ways')
    await see(page.getByRole('heading', { level: 1, name: 'Ways in' }))
    await see(page.getByText(`${url}${redirectPath}`))
    await page.getByLabel('Issuer').fill('http://127.0.0.1:9')
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await see(page.getByText('Nobody answers at this address.'))
    await page.getByLabel('Issuer').fill(sandbox.openid.issuer)
    await page.getByRole('button', { name: 'Save and open' }).click()
    await see(page.getByText('This is needed.'))
    await page.getByLabel('Client ID').fill(openidClient.clientId)
    await page.getByLabel('Client secret').fill(openidClient.clientSecret)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await see(page.getByText(/The provider answers/))
    await page.getByRole('button', { name: 'Save and open' }).click()
    await see(page.getByText('Saved. It counts from now on.'))
    await become(() => page.getByRole('switch', { name: 'Open: Company account' }).isChecked(), true)
    expect(await page.getByLabel('Client secret').inputValue()).toBe('')
    expect(await page.content()).not.toContain(openidClient.clientSecret)
    expect(await faultsOf(page)).toEqual([])
    await stage.shot(page, 'ways-in')

    const dark = await openConsole(stage, 'alice', 'login-ways', { dark: true, language: 'ar' })
    await see(dark.getByRole('heading', { level: 1, name: 'طرق الدخول' }))
    await stage.shot(dark, 'ways-in-dark-arabic')
  })

  it('is the only one who sees the page', async () => {
    const page = await openConsole(stage, 'chen', 'login-ways', { platform: 'Feishu' })
    await see(page.getByText('You may not do this.'))
    expect(await page.getByRole('link', { name: 'Ways in' }).count()).toBe(0)
    const api = `${stage.world.url}/api/app/console/login-ways`
    const change = await page.request.patch(api, { headers: ownHeaders(stage), data: { email: { open: false } } })
    expect(change.status()).toBe(403)
  })
})

describe('a person', () => {
  it('comes in by a code that is in their mail, on a phone’s width, and where they wanted to go', async () => {
    const page = await stage.deskBrowser({ width: 390 })
    await page.goto(`${stage.world.url}/console/sessions`)
    await see(door(page))
    expect(await faultsOf(page)).toEqual([])
    await stage.shot(page, 'door-390')
    await page.getByLabel('E-mail address').fill('bob@acme.test')
    await page.keyboard.press('Enter')
    await see(page.getByText('is known here, a code is on its way'))
    await stage.world.server.drain()
    const code = codeFor(stage.world.sandbox, 'bob@acme.test')
    await page.getByLabel('Code of six digits').fill(code === '123456' ? '654321' : '123456')
    await see(page.getByText('This is not the code.'))
    await stage.shot(page, 'code-wrong-390')
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.getByLabel('Code of six digits').fill(code)
    await see(page.getByRole('heading', { level: 1, name: 'My sessions' }))
    await see(page.getByText('Code by e-mail'))
  })

  it('comes in by their company account; who refuses there, or is nobody here, reads why', async () => {
    const { openid } = stage.world.sandbox
    openid.putAccount({ id: 'co-stranger', name: 'Sam Stranger', email: 'sam@elsewhere.test', emailVerified: true })
    const page = await stage.deskBrowser()
    await page.goto(`${stage.world.url}/console/sessions`)
    await page.getByRole('button', { name: 'Continue with Company account' }).click()
    await see(page.getByRole('heading', { name: 'Company account' }))
    await stage.shot(page, 'provider')
    await page.getByRole('link', { name: 'Refuse' }).click()
    await see(page.getByText('Your company account was not confirmed.'))
    expect(addressOf(page)).toBe('/console/login')
    await page.getByRole('button', { name: 'Continue with Company account' }).click()
    await page.locator('a[data-person="co-stranger"]').click()
    await see(page.getByText('This account belongs to nobody here.'))
    await stage.shot(page, 'door-refused')
    await page.goto(`${stage.world.url}/console/sessions`)
    await page.getByRole('button', { name: 'Continue with Company account' }).click()
    await page.locator('a[data-person="co-carol"]').click()
    await see(page.getByRole('heading', { level: 1, name: 'My sessions' }))
    await see(page.getByRole('row').filter({ hasText: 'This one' }).getByText('Company account'))
    expect(page.url()).not.toContain('code=')
    await stage.shot(page, 'sessions')

    const admin = await openConsole(stage, 'alice', 'people/carol')
    await see(admin.getByText(openid.issuer))
    await stage.shot(admin, 'person')
    await admin.locator('section').filter({ hasText: openid.issuer }).getByRole('button', { name: 'Unbind' }).click()
    await admin.getByRole('tooltip').getByRole('button', { name: 'Unbind' }).click()
    await seeNoMore(admin.getByText(openid.issuer))
    await page.reload()
    await see(door(page))
  })

  it('who opens a ticket on a phone without a chat app is led to the same ticket through the console', async () => {
    const phone = await stage.phoneBrowser()
    await phone.goto(`${stage.world.url}${h5Path}?t=acme&ticket=some-ticket`)
    const link = phone.getByRole('link', { name: 'By e-mail or company account' })
    await see(link)
    await stage.shot(phone, 'h5-door')
    await link.click()
    await see(phone.getByLabel('E-mail address'))
    expect(addressOf(phone)).toBe('/console/login?to=%2Ftickets%2Fsome-ticket')
  })

  it('reads the door in the dark, and in Arabic', async () => {
    const dark = await stage.deskBrowser({ dark: true })
    await dark.goto(`${stage.world.url}/console/`)
    await see(door(dark))
    expect(await faultsOf(dark)).toEqual([])
    await stage.shot(dark, 'door-dark')
    const arabic = await stage.deskBrowser({ language: 'ar' })
    await arabic.goto(`${stage.world.url}/console/`)
    await see(arabic.getByLabel('البريد الإلكتروني'))
    await become(() => arabic.evaluate('document.documentElement.dir'), 'rtl')
    await arabic.getByLabel('البريد الإلكتروني').fill('nobody@acme.test')
    await arabic.keyboard.press('Enter')
    await see(arabic.getByText('فالرمز في الطريق'))
    await stage.shot(arabic, 'door-arabic')
  })
})
