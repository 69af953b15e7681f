import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, authorizePath, become, h5Path, see, useStage } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* The H5 app in a phone's ordinary browser: the platform's own page says who it is, and leads back. */

const stage = useStage()
const h5 = (query = ''): string => `${stage.world.url}${h5Path}${query}`
const person = (page: Page, uid: string) => page.locator(`a[data-person="${uid}"]`)

/** Answers the authorise page as this person, and returns the address it would lead back to without going there. */
async function answerAs(page: Page, uid: string): Promise<string> {
  const link = await person(page, uid).getAttribute('href')
  const answer = await page.request.get(new URL(link ?? '', page.url()).href, { maxRedirects: 0 })
  const back = answer.headers().location
  if (back === undefined) throw new Error(`the authorise page answered ${answer.status()} and led nowhere`)
  return back
}

describe.each(ways)('in a phone’s browser, in $language', ({ language, platform, approver }) => {
  const say = words[language]

  it('the link of a card asks the platform and comes back to the ticket, with no code in the address', async () => {
    const ticket = await stage.world.api.submit({
      title: `Read access to invoices ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const target = `?t=acme&c=${platform}&ticket=${ticket.id}`
    const page = await stage.phoneBrowser({ language })
    await page.goto(h5(target))
    await see(person(page, approver))
    expect(new URL(page.url()).pathname).toBe(`/${platform}${authorizePath}`)
    const asked = new URL(page.url()).searchParams
    expect(asked.get('redirect_uri')).toBe(h5())
    expect(asked.get('code_challenge_method')).toBe('S256')
    await stage.shot(page, `${language}-authorise`)

    await person(page, approver).click()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    expect(addressOf(page)).toBe(`${h5Path}${target}#/ticket/${ticket.id}`)
    await stage.shot(page, `${language}-ticket`)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByText(say.doneApproved))
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: approver, via: 'h5' })

    await page.reload()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
  })

  it('without a hint the person chooses the app, and is back at the exact path afterwards', async () => {
    const page = await stage.phoneBrowser({ language })
    await page.goto(h5())
    const way = page.getByRole('button', { name: say.logInWith[platform] })
    await see(way)
    await stage.shot(page, `${language}-choose`)
    await way.click()
    await person(page, approver).click()
    await see(page.getByRole('tab', { name: say.tabs.pending }))
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(h5Path)
  })

  it('whoever refuses on the platform’s page reads so, and can begin again, with the ticket of the card still ahead', async () => {
    const ticket = await stage.world.api.submit({
      title: `After all ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await stage.phoneBrowser({ language })
    await page.goto(h5(`?t=acme&c=${platform}&ticket=${ticket.id}`))
    await page.locator('a.deny').click()
    await see(page.getByRole('alert').getByText(say.cancelled))
    expect(page.url()).not.toContain('error=')
    expect(page.url()).not.toContain('state=')
    await stage.shot(page, `${language}-refused`)
    await page.getByRole('button', { name: say.logInWith[platform] }).click()
    await person(page, approver).click()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
  })

  it('a log-in that another browser began is refused', async () => {
    const victim = await stage.phoneBrowser({ language })
    const attacker = await stage.phoneBrowser({ language })
    await attacker.goto(h5(`?t=acme&c=${platform}`))
    await see(person(attacker, approver))
    await victim.goto(await answerAs(attacker, approver))
    await see(victim.getByRole('alert').getByText(say.elsewhere))
    expect(victim.url()).not.toContain('code=')
    expect((await victim.request.get(`${stage.world.url}/api/app/session`)).status()).toBe(401)
    await stage.shot(victim, `${language}-other-browser`)
  })

  it('a code works once: neither with its own state nor with a new one does it log anybody in again', async () => {
    const page = await stage.phoneBrowser({ language })
    await page.goto(h5(`?t=acme&c=${platform}`))
    await see(person(page, approver))
    const back = await answerAs(page, approver)
    await page.goto(back)
    await see(page.getByRole('tab', { name: say.tabs.pending }))

    await page.context().clearCookies({ name: /^cs_(access|refresh)$/ })
    await page.goto(back)
    await see(page.getByRole('alert').getByText(say.elsewhere))

    await page.getByRole('button', { name: say.logInWith[platform] }).click()
    await see(person(page, approver))
    const again = new URL(await answerAs(page, approver))
    again.searchParams.set('code', new URL(back).searchParams.get('code') ?? '')
    await page.goto(again.href)
    await see(page.getByRole('alert').getByText(say.notWorked))
    await stage.shot(page, `${language}-second-use`)
  })

  it('whoever logs out is out, on the page and on the server', async () => {
    const page = await stage.phoneBrowser({ language })
    await page.goto(h5(`?t=acme&c=${platform}`))
    await person(page, approver).click()
    await see(page.getByRole('tab', { name: say.tabs.pending }))
    await page.locator('.avatar').click()
    await page.getByRole('button', { name: say.logOut }).click()
    await see(page.getByRole('alert').getByText(say.loggedOut))
    await become(async () => (await page.request.get(`${stage.world.url}/api/app/session`)).status(), 401)
  })
})
