import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, become, h5Path, phoneOf, see, useStage, viewOf, watchJourney } from '../_browser.ts'
import { dingtalkApps } from '../_world.ts'
import { words } from './_words.ts'

/* The H5 app on DingTalk: in the client nobody is asked who they are, in a browser DingTalk's own page says it. */

const stage = useStage({ dingtalk: 'http' })
const authorizePath = '/oauth2/auth'

const ways = [
  { edition: 'dingtalk', language: 'zh-CN', approver: 'wang', name: '王海燕' },
  { edition: 'dingtalk', language: 'en', approver: 'grace', name: 'Grace Lim' },
  { edition: 'dingtalkExclusive', language: 'zh-CN', approver: 'sun', name: '孙立' },
  { edition: 'dingtalkExclusive', language: 'en', approver: 'maya', name: 'Maya Putri' },
] as const

const submit = (title: string, approver: string) =>
  stage.world.api.submit({ title, nodes: [{ name: 'Owner', approvers: [approver] }] })

/** What the page asks of the client from now on, in order. */
function watchCalls(page: Page): string[] {
  const calls: string[] = []
  page.on('request', (request) => {
    if (!request.url().endsWith('/__sandbox/bridge')) return
    const { name, params } = request.postDataJSON() as { name: string; params: { title?: string } }
    calls.push(params.title === undefined ? name : `${name} ${params.title}`)
  })
  return calls
}

/** A web view keeps its cookies as long as its phone: whoever is to be unknown again logs out. */
async function loggedOut(person: string, edition: keyof typeof dingtalkApps, language: 'en' | 'zh-CN') {
  const say = words[language]
  const page = await stage.webView(person, `?t=acme&c=${edition}`, { language })
  await page.locator('.avatar').click()
  await page.getByRole('button', { name: say.logOut }).click()
  await see(page.getByRole('alert').getByText(say.loggedOut))
  return { page, origin: new URL(page.url()).origin }
}

describe.each(ways)('in $edition, in $language', ({ edition, language, approver, name }) => {
  const say = words[language]
  const { corpId } = dingtalkApps[edition]
  const link = `?t=acme&c=${edition}&corpId=${corpId}`
  const person = (page: Page) => page.locator(`a[data-person="${approver}"]`)

  it('the link of a card opens its ticket in the client without a log-in page, and one tap decides', async () => {
    const ticket = await submit(`Read access to invoices ${edition} ${language}`, approver)
    const page = await stage.webView(approver, `${link}&ticket=${ticket.id}`, { language })
    const journey = watchJourney(page)
    const calls = watchCalls(page)
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    expect(addressOf(page)).toBe(`${h5Path}${link}&ticket=${ticket.id}#/ticket/${ticket.id}`)
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    await become(() => calls.some((call) => call.startsWith('biz.navigation.setTitle')), true)
    await stage.shot(page, `${edition}-${language}-ticket`)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByText(say.doneApproved))
    await page.getByRole('link', { name: say.toList }).click()
    await see(page.getByRole('button', { name }))
    expect(journey.filter((path) => path.endsWith(authorizePath))).toEqual([])
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: approver, via: 'h5' })
  })

  it('the home page knows by its organisation which of the two editions it is', async () => {
    const { page, origin } = await loggedOut(approver, edition, language)
    const journey = watchJourney(page)
    const calls = watchCalls(page)
    await page.goto(`${origin}/?corpId=${corpId}`)
    await see(page.getByRole('button', { name }))
    expect(calls[0]).toBe('runtime.permission.requestAuthCodeV2')
    expect(addressOf(page).replace(/#.*/, '')).toBe(`${h5Path}?corpId=${corpId}`)
    expect(journey.filter((path) => path.endsWith(authorizePath))).toEqual([])
  })

  it('a browser is led to the platform’s page and comes back to the ticket, with no code in the address', async () => {
    const ticket = await submit(`Index on orders ${edition} ${language}`, approver)
    const page = await stage.phoneBrowser({ language })
    await page.goto(`${stage.world.url}${h5Path}${link}&ticket=${ticket.id}`)
    await see(person(page))
    const asked = new URL(page.url())
    expect(asked.pathname.endsWith(authorizePath)).toBe(true)
    expect(asked.searchParams.get('redirect_uri')).toBe(`${stage.world.url}${h5Path}`)
    expect(asked.searchParams.get('exclusiveLogin')).toBe(edition === 'dingtalkExclusive' ? 'true' : null)
    await stage.shot(page, `${edition}-${language}-authorise`)
    await person(page).click()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    expect(addressOf(page)).toBe(`${h5Path}${link}&ticket=${ticket.id}#/ticket/${ticket.id}`)
    await page.reload()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
  })

  it('whoever refuses on the platform’s page reads so, and can begin again', async () => {
    const page = await stage.phoneBrowser({ language })
    await page.goto(`${stage.world.url}${h5Path}?corpId=${corpId}`)
    await page.locator('a.deny').click()
    await see(page.getByRole('alert').getByText(say.cancelled))
    await page.getByRole('button', { name: say.logInWith[edition], exact: true }).click()
    await person(page).click()
    await see(page.getByRole('button', { name }))
  })
})

describe.each([
  { edition: 'dingtalk', language: 'zh-CN', stranger: 'qian' },
  { edition: 'dingtalkExclusive', language: 'en', stranger: 'nina' },
] as const)('somebody of $edition who is nobody here', ({ edition, language, stranger }) => {
  it('reads so in the client, in their language', async () => {
    const page = await stage.webView(stranger, `?t=acme&c=${edition}`, { language })
    await see(page.getByRole('heading', { name: words[language].notBound }))
    await stage.shot(page, `${edition}-${language}-not-bound`)
  })
})

it('a client without a hint lets the person choose the edition, and then asks nothing more', async () => {
  const { page, origin } = await loggedOut('grace', 'dingtalk', 'en')
  const journey = watchJourney(page)
  await page.goto(`${origin}/?corpId=$CORPID$`)
  await page.getByRole('button', { name: words.en.logInWith.dingtalk, exact: true }).click()
  await see(page.getByRole('button', { name: 'Grace Lim' }))
  expect(journey.filter((path) => path.endsWith(authorizePath))).toEqual([])
})

describe('the bars of the client', () => {
  it('show where the person is, go back from a card’s ticket to the list, and close there', async () => {
    const ticket = await submit('Where the bars lead', 'grace')
    await stage.world.drain()
    const page = await stage.phones('grace')
    const phone = phoneOf(page, 'grace')
    const card = phone.locator('.dingtalk-card').filter({ hasText: ticket.title })
    await card.getByRole('button', { name: words.en.card.open }).click()
    const view = viewOf(phone)
    const bars = phone.locator('.web-view header')
    await see(view.getByRole('heading', { level: 1, name: ticket.title }))
    await see(bars.getByRole('heading', { name: ticket.title }))
    await stage.shot(page, 'bars-ticket')
    await bars.getByRole('button', { name: 'Back' }).click()
    await see(view.getByRole('tab', { name: words.en.tabs.pending }))
    await see(bars.getByRole('heading', { name: 'Approvals' }))
    await stage.shot(page, 'bars-list')
    await bars.getByRole('button', { name: 'Back' }).click()
    await become(() => phone.locator('.web-view').count(), 0)
  })
})
