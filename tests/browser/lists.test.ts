import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { become, see, useStage } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* The lists of the H5 app: counts, search, pages without end, pulling for news; and what submitters do with their own. */

const many = 45
const stage = useStage({
  change: ({ tenants: [tenant] }) => {
    // So many cards would only occupy the platform's rate limit; the lists are looked at here.
    tenant?.notificationRules.push({
      module: 'owner_apply',
      event: 'pending',
      enabled: false,
      roles: [],
      additionalUsers: [],
    })
  },
})
beforeAll(async () => {
  for (let index = 1; index <= many; index += 1) {
    await stage.world.api.submit({
      module: 'owner_apply',
      title:
        index === 7 ? 'Ownership of the needle table 针' : `Ownership of table t_${String(index).padStart(3, '0')}`,
      risk: index % 9 === 0 ? 'high' : index % 4 === 0 ? 'medium' : 'low',
      nodes: [
        { name: 'Owner', approvers: ['alice', 'chen'] },
        { name: 'DBA', approvers: ['dan'] },
      ],
    })
  }
})

const rows = (page: Page) => page.getByRole('tabpanel').getByRole('listitem')

/** A finger that pulls the page down and lets go, as PullRefresh sees it. */
async function pullDown(page: Page): Promise<void> {
  const touch = await page.context().newCDPSession(page)
  const at = (y: number) => [{ x: 195, y }]
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(300) })
  for (let y = 310; y <= 560; y += 25) {
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(y) })
  }
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

describe.each(ways)('in $language', ({ language, platform, approver, name, other, otherName }) => {
  const say = words[language]
  const tab = (page: Page, which: keyof typeof say.tabs) => page.getByRole('tab', { name: say.tabs[which] })
  const open = async (uid: string, query = '') => {
    const page = await stage.webView(uid, `?t=acme&c=${platform}${query}`, { language })
    await see(tab(page, 'pending').or(page.getByRole('heading', { level: 1 })))
    return page
  }

  it('the list goes on while the person scrolls, and says when it ends', async () => {
    const page = await open(approver)
    await see(tab(page, 'pending').getByText(String(many)))
    await become(() => rows(page).count(), 20)
    await stage.shot(page, `${language}-pending`)
    await expect
      .poll(
        async () => {
          await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
          return rows(page).count()
        },
        { timeout: 20_000 },
      )
      .toBe(many)
    await see(page.getByText(say.theEnd))
    await stage.shot(page, `${language}-the-end`)
    const titles = await rows(page).locator('.row-title').allTextContents()
    expect(new Set(titles).size).toBe(many)
  })

  it('going back from a ticket far down leads to where the person was', async () => {
    const page = await open(approver)
    await become(() => rows(page).count(), 20)
    // The rows are drawn once more when the widget around them has loaded.
    await see(page.locator('.van-pull-refresh'))
    const row = rows(page).nth(15)
    await row.scrollIntoViewIfNeeded()
    const before = await page.evaluate('window.scrollY')
    expect(before).toBeGreaterThan(300)
    const title = (await row.locator('.row-title').textContent()) ?? ''
    await row.getByRole('link').click()
    await see(page.getByRole('heading', { level: 1, name: title }))
    await page.goBack()
    await see(rows(page).nth(15))
    await become(() => page.evaluate('window.scrollY'), before)
  })

  it('the search finds by title and number, and says when nothing matches', async () => {
    const page = await open(approver)
    await page.getByRole('button', { name: say.search }).click()
    const field = page.getByPlaceholder(say.searchHint)
    await field.fill('needle')
    await become(() => rows(page).locator('.row-title').allTextContents(), ['Ownership of the needle table 针'])
    await stage.shot(page, `${language}-search`)
    await field.fill('针')
    await become(() => rows(page).count(), 1)
    await field.fill('1010')
    await become(() => rows(page).locator('.row-title').allTextContents(), ['Ownership of table t_010'])
    await field.fill('100%_')
    await see(page.getByRole('heading', { name: say.noMatch }))
    await stage.shot(page, `${language}-no-match`)
    await page.getByRole('button', { name: say.cancel, exact: true }).click()
    await become(() => rows(page).count(), 20)
  })

  it('pulling the list down brings the ticket that has come meanwhile', async () => {
    const page = await open(approver)
    await see(page.locator('.van-pull-refresh'))
    const title = `News ${language}`
    const late = await stage.world.api.submit({ title, nodes: [{ name: 'Owner', approvers: [approver] }] })
    expect(await page.getByText(title).count()).toBe(0)
    await pullDown(page)
    await see(rows(page).filter({ hasText: title }))
    await stage.world.api.call('POST', `/api/v1/tickets/${late.id}/withdraw`)
  })

  it('a decided ticket moves from Pending to Done, with the counts', async () => {
    const ticket = await stage.world.api.submit({
      title: `To be done ${language}`,
      cc: [other],
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(approver)
    await see(tab(page, 'pending').getByText(String(many + 1)))
    await rows(page).filter({ hasText: ticket.title }).getByRole('link').click()
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await page.getByRole('link', { name: say.toList }).click()
    await see(tab(page, 'pending').getByText(String(many), { exact: true }))
    await tab(page, 'done').click()
    await see(rows(page).filter({ hasText: ticket.title }).getByText(say.youApproved))
    await stage.shot(page, `${language}-done`)

    const copied = await open(other)
    await tab(copied, 'cc').click()
    await see(rows(copied).filter({ hasText: ticket.title }).getByText(say.status.approved))
    await stage.shot(copied, `${language}-cc`)
  })

  it('a submitter reminds once an hour, comments, and withdraws', async () => {
    const ticket = await stage.world.api.submit({
      title: `My own ${language}`,
      submitter: other,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(other)
    await tab(page, 'submitted').click()
    await rows(page).filter({ hasText: ticket.title }).getByRole('link').click()
    const remind = page.getByRole('button', { name: say.remind })
    await remind.click()
    await see(page.getByText(say.reminded(name)))
    await stage.shot(page, `${language}-reminded`)
    await page.reload()
    await see(
      page
        .getByRole('listitem')
        .filter({ hasText: say.sentReminder(otherName) })
        .getByText(name),
    )
    await remind.click()
    await see(page.getByText(say.remindTooSoon))

    await page.getByRole('button', { name: say.comment }).click()
    const words = language === 'en' ? 'Needed before Friday' : '请在周五前处理'
    await page.getByRole('dialog').getByRole('textbox').fill(words)
    await page.getByRole('dialog').getByRole('button', { name: say.send }).click()
    await see(page.getByRole('listitem').filter({ hasText: otherName }).getByText(words))

    await page.getByRole('button', { name: say.withdraw }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('No longer needed')
    await stage.shot(page, `${language}-withdraw`)
    await page.getByRole('dialog').getByRole('button', { name: say.withdraw }).click()
    await see(page.locator('.ticket-head').getByText(say.status.withdrawn))
    await stage.shot(page, `${language}-withdrawn`)
    const closed = await stage.world.api.get(ticket.id)
    expect(closed.status).toBe('withdrawn')
    expect(closed.history.map(({ action }) => action)).toEqual(['submit', 'remind', 'comment', 'withdraw'])
    const card = await stage.world.sandbox.waitFor(
      () => stage.world.sandbox.chat(approver).find(({ card }) => JSON.stringify(card ?? '').includes(ticket.id)),
      20_000,
    )
    expect(card).toBeDefined()
  })
})
