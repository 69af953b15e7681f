import { describe, expect, it } from 'vitest'
import { addressOf, authorizePath, h5Path, see, seeNoMore, useStage, watchJourney } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* The H5 app in the web view of the chat app: nobody is asked who they are. */

const stage = useStage()

describe.each(ways)('in the web view of $platform, in $language', ({ language, platform, approver, name }) => {
  const say = words[language]
  const looks = { language }
  const approvers = { nodes: [{ name: 'Owner', approvers: [approver] }] }

  it('the list opens without a log-in page, and a low-risk ticket is approved by one tap', async () => {
    const ticket = await stage.world.api.submit({ title: `Read access to invoices ${language}`, ...approvers })
    const page = await stage.webView(approver, `?t=acme&c=${platform}`, looks)
    const journey = watchJourney(page)
    const row = page.getByRole('link').filter({ hasText: ticket.title })
    await see(row)
    await see(page.getByRole('button', { name }))
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    await stage.shot(page, `${language}-list`)

    await row.click()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    await stage.shot(page, `${language}-ticket`)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByRole('heading', { level: 1, name: say.approved, exact: true }))
    await see(page.getByText(say.doneApproved))
    await stage.shot(page, `${language}-approved`)
    await page.getByRole('link', { name: say.toList }).click()
    await see(page.getByRole('tab', { name: say.tabs.pending }))
    await seeNoMore(row)

    expect(journey.filter((path) => path.endsWith(authorizePath))).toEqual([])
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: approver, via: 'h5' })
  })

  it('the link of a card lands on its ticket; medium risk says what happens before it counts', async () => {
    const ticket = await stage.world.api.submit({
      title: `Correct doubled refunds ${language}`,
      risk: 'medium',
      executesOnApproval: true,
      code: [{ language: 'sql', title: 'Statement', text: "update refunds set status = 'void' where id in (1, 2);" }],
      ...approvers,
    })
    const page = await stage.webView(approver, `?t=acme&c=${platform}&ticket=${ticket.id}`, looks)
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    expect(addressOf(page)).toBe(`${h5Path}?t=acme&c=${platform}&ticket=${ticket.id}#/ticket/${ticket.id}`)

    await page.getByRole('button', { name: say.approve, exact: true }).click()
    const sheet = page.getByRole('dialog', { name: say.approveTitle })
    await see(sheet.getByText(say.runsAtOnce))
    await stage.shot(page, `${language}-confirmation`)
    await sheet.getByRole('button', { name: say.approveNow }).click()
    await see(page.getByText(say.doneApproved))
    expect((await stage.world.api.get(ticket.id)).status).toBe('approved')
  })

  it('going back from the ticket of a card leads to the list', async () => {
    const ticket = await stage.world.api.submit({ title: `Index on orders ${language}`, ...approvers })
    const page = await stage.webView(approver, `?t=acme&c=${platform}&ticket=${ticket.id}`, looks)
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    await page.goBack()
    await see(page.getByRole('link').filter({ hasText: ticket.title }))
  })
})

it('a web view that cannot load the SDK logs in by redirect instead', async () => {
  const ticket = await stage.world.api.submit({ title: 'Without the SDK' })
  const view = await stage.webView('alice', '?t=acme&c=lark')
  await see(view.getByRole('tab', { name: words.en.tabs.pending }))
  await view.context().clearCookies({ name: /^cs_/ })
  await view.route('**/h5-js-sdk.js', (route) => route.abort())
  stage.expectComplaint('ERR_FAILED')
  const journey = watchJourney(view)
  await view.goto(`${stage.world.url}${h5Path}?t=acme&c=lark&ticket=${ticket.id}`)
  await see(view.getByRole('heading', { level: 1, name: ticket.title }))
  expect(journey.some((path) => path.endsWith(authorizePath))).toBe(true)
})
