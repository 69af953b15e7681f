import type { TicketView } from '@countersign/contracts'
import { describe, expect, it, vi } from 'vitest'
import { become, h5Path, see, seeNoMore, useStage } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* Where the H5 app has to say no, or cannot answer: it says why, in the person's language, and what to do next. */

const stage = useStage()
const card = async (uid: string, ticket: TicketView) =>
  stage.world.sandbox.waitFor(() => {
    const found = stage.world.sandbox.chat(uid).find((one) => JSON.stringify(one.card ?? '').includes(ticket.id))
    return found?.messageId
  }, 20_000)

describe.each(ways)('in $language', ({ language, platform, approver, name, other }) => {
  const say = words[language]
  const looks = { language }
  const ticketOf = (ticket: TicketView) => `?t=acme&c=${platform}&ticket=${ticket.id}`
  const open = async (uid: string, ticket: TicketView) => {
    const page = await stage.webView(uid, ticketOf(ticket), looks)
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    return page
  }

  it('a rejection without a reason is not sent; with one it is recorded and shown in the history', async () => {
    const ticket = await stage.world.api.submit({
      title: `Export of all customers ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(approver, ticket)
    await page.getByRole('button', { name: say.reject, exact: true }).click()
    const sheet = page.getByRole('dialog', { name: say.rejectTitle })
    await sheet.getByRole('button', { name: say.rejectNow }).click()
    await see(sheet.getByRole('alert').getByText(say.reasonMissing))
    await stage.shot(page, `${language}-reason-missing`)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')

    const reason = language === 'en' ? 'Name the columns, please' : '请写明需要哪些列'
    await sheet.getByRole('textbox').fill(reason)
    await sheet.getByRole('button', { name: say.rejectNow }).click()
    await see(page.getByText(say.doneRejected))
    await stage.shot(page, `${language}-rejected`)
    await page.getByRole('button', { name: say.stay }).click()
    await see(page.getByRole('listitem').filter({ hasText: reason }))
    const decided = await stage.world.api.get(ticket.id)
    expect(decided.history.at(-1)).toMatchObject({ actor: approver, action: 'reject', comment: reason, via: 'h5' })
  })

  it('whoever taps after somebody else has decided is told so, and sees who it was', async () => {
    const ticket = await stage.world.api.submit({
      title: `Index on orders ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver, other] }],
    })
    const message = await card(approver, ticket)
    const page = await open(other, ticket)
    const approve = page.getByRole('button', { name: say.approve, exact: true })
    await see(approve)
    const tap = await stage.world.sandbox.press(approver, message ?? '', say.card.approve)
    expect(tap.toast?.type).toBe('success')

    await approve.click()
    await see(page.getByRole('alert').getByText(say.refusals.alreadyApproved))
    await seeNoMore(approve)
    await see(page.getByRole('listitem').filter({ hasText: name }).getByText(say.decided.approved))
    await stage.shot(page, `${language}-already-approved`)
    const approvals = (await stage.world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')
    expect(approvals).toMatchObject([{ actor: approver }])
  })

  it('a ticket that changed under the reader is not approved unread: the new content is shown first', async () => {
    const ticket = await stage.world.api.submit({
      title: `Old title ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(approver, ticket)
    const changed = await stage.world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, {
      title: `New title ${language}`,
    })
    expect(changed.status).toBe(200)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByText(say.refusals.contentChanged))
    await see(page.getByText(say.changed))
    await see(page.getByRole('heading', { level: 1, name: `New title ${language}` }))
    await stage.shot(page, `${language}-changed`)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')

    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByText(say.doneApproved))
  })

  it('a question that is open when the content changes is withdrawn, and asked again about the new content', async () => {
    const ticket = await stage.world.api.submit({
      title: `Old question ${language}`,
      risk: 'medium',
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(approver, ticket)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    const sheet = page.getByRole('dialog', { name: say.approveTitle })
    await see(sheet)
    const title = `New question ${language}`
    await stage.world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title })
    // Back from another app: the page looks at the ticket again.
    await page.evaluate(`window.dispatchEvent(new Event('focus'))`)
    await see(page.getByRole('alert').getByText(say.changed))
    await see(page.getByRole('heading', { level: 1, name: title }))
    await seeNoMore(sheet)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')
  })

  it('who comes later in the ticket, and who is no approver, has no buttons but the reason', async () => {
    const ticket = await stage.world.api.submit({
      title: `Two steps ${language}`,
      cc: [other],
      nodes: [
        { name: 'Owner', approvers: [approver] },
        { name: 'DBA', approvers: [other] },
      ],
    })
    const later = await open(other, ticket)
    await see(later.getByText(say.refusals.notYourTurn))
    expect(await later.getByRole('button', { name: say.approve, exact: true }).count()).toBe(0)
    await stage.shot(later, `${language}-not-your-turn`)

    // Chen and Alice may read every ticket: as DBA and as administrator.
    const unrelated = await stage.world.api.submit({
      title: `Of others ${language}`,
      nodes: [{ name: 'Owner', approvers: [other] }],
    })
    const reader = await open(approver, unrelated)
    await see(reader.getByText(say.refusals.notApprover))
    expect(await reader.getByRole('button', { name: say.approve, exact: true }).count()).toBe(0)
  })

  it('a ticket of others, like one that never was, does not exist', async () => {
    const ticket = await stage.world.api.submit({ title: 'Not for you', nodes: [{ name: 'A', approvers: ['dan'] }] })
    for (const id of [ticket.id, '00000000-0000-7000-8000-000000000000']) {
      const page = await stage.webView(other, `?t=acme&c=${platform}&ticket=${id}`, looks)
      await see(page.getByRole('heading', { name: say.gone }))
      expect(await page.getByText(ticket.title).count()).toBe(0)
      await stage.shot(page, `${language}-gone`)
      await page.getByRole('link', { name: say.goneAction }).click()
      await see(page.getByRole('tab', { name: say.tabs.pending }))
    }
  })

  it('without a connection it says so, and goes on by itself when the connection is back', async () => {
    const page = await stage.webView(approver, `?t=acme&c=${platform}`, looks)
    await see(page.getByRole('tab', { name: say.tabs.submitted }))
    stage.expectComplaint('ERR_INTERNET_DISCONNECTED')
    await page.context().setOffline(true)
    await page.getByRole('tab', { name: say.tabs.submitted }).click()
    await see(page.getByRole('heading', { name: say.offline }))
    await stage.shot(page, `${language}-offline`)
    await page.context().setOffline(false)
    await seeNoMore(page.getByRole('heading', { name: say.offline }))
    await become(() => page.getByRole('tabpanel').getAttribute('aria-busy'), 'false')
  })

  it('a decision that cannot be sent says so, loses nothing that was written, and counts once at the next try', async () => {
    const ticket = await stage.world.api.submit({
      title: `In the tunnel ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await open(approver, ticket)
    await page.getByRole('button', { name: say.reject, exact: true }).click()
    const sheet = page.getByRole('dialog', { name: say.rejectTitle })
    await sheet.getByRole('textbox').fill('Not now')
    stage.expectComplaint('ERR_INTERNET_DISCONNECTED')
    await page.context().setOffline(true)
    await sheet.getByRole('button', { name: say.rejectNow }).click()
    await see(page.getByRole('alert').getByText(say.noAnswer))
    await stage.shot(page, `${language}-decision-offline`)
    await page.context().setOffline(false)
    expect(await sheet.getByRole('textbox').inputValue()).toBe('Not now')
    await sheet.getByRole('button', { name: say.rejectNow }).click()
    await see(page.getByText(say.doneRejected))
    const rejections = (await stage.world.api.get(ticket.id)).history.filter(({ action }) => action === 'reject')
    expect(rejections).toMatchObject([{ comment: 'Not now' }])
  })

  it('a tap whose sheet cannot be fetched says so, and the next one opens it', async () => {
    const ticket = await stage.world.api.submit({
      title: `Half a page ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    stage.expectComplaint('ERR_FAILED')
    const page = await stage.webView(approver, `?t=acme&c=${platform}`, looks)
    await see(page.getByText(ticket.title))
    const sheets = '**/assets/{DecisionSheet,TextSheet}*.js'
    await page.route(sheets, (route) => route.abort())
    await page.getByText(ticket.title).click()
    for (const [button, place] of [
      [say.reject, page.locator('.decision')],
      [say.comment, page.locator('.ticket-actions')],
    ] as const) {
      // A part that is missing may mean a newer release: the page first loads itself anew, once.
      await vi.waitFor(
        async () => {
          await page.getByRole('button', { name: button, exact: true }).click()
          await place.getByRole('alert').getByText(say.noAnswer).waitFor({ timeout: 1_000 })
        },
        { timeout: 15_000 },
      )
    }
    await stage.shot(page, `${language}-sheet-missing`)
    await page.unroute(sheets)
    await page.getByRole('button', { name: say.reject, exact: true }).click()
    await see(page.getByRole('dialog', { name: say.rejectTitle }))
  })

  it('a decision whose answer was lost on the way counts once, and is shown as taken', async () => {
    const ticket = await stage.world.api.submit({
      title: `Lost answer ${language}`,
      nodes: [{ name: 'Owners', approvers: [approver, other], rule: 'all' }],
    })
    const page = await open(approver, ticket)
    stage.expectComplaint('ERR_FAILED')
    await page.route('**/decision', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByRole('heading', { level: 1, name: say.approved, exact: true }))
    expect((await stage.world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')).toHaveLength(1)
    await stage.shot(page, `${language}-lost-answer`)
  })

  it('a server in trouble is named as that, and tried again by the person', async () => {
    const page = await stage.phoneBrowser(looks)
    await page.route('**/api/app/session', (route) => route.fulfill({ status: 500, body: 'not even JSON' }))
    await page.goto(`${stage.world.url}${h5Path}`)
    await see(page.getByRole('heading', { name: say.broken }))
    await stage.shot(page, `${language}-broken`)
    await page.unroute('**/api/app/session')
    await page.getByRole('button', { name: say.retry }).click()
    await see(page.getByRole('button', { name: say.logInWith[platform] }))
  })

  it('a list that cannot be had anew stays on the screen and says that it may be old', async () => {
    const ticket = await stage.world.api.submit({
      title: `Seen before ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const page = await stage.webView(approver, `?t=acme&c=${platform}`, looks)
    const row = page.getByRole('link').filter({ hasText: ticket.title })
    await see(row)
    await page.route('**/api/app/session', (route) => route.fulfill({ status: 503, body: '' }))
    await page.reload()
    await see(page.getByRole('status').getByText(say.mayBeOld))
    await see(row)
    await stage.shot(page, `${language}-old-list`)
    await page.getByRole('button', { name: say.retry }).click()
    await seeNoMore(page.getByText(say.mayBeOld))
    await see(row)
  })
})

it.each([
  { entrance: 'the web view', open: () => stage.webView('stranger', '?t=acme&c=lark') },
  {
    entrance: 'the redirect',
    open: async () => {
      const page = await stage.phoneBrowser()
      await page.goto(`${stage.world.url}${h5Path}?t=acme&c=lark`)
      await page.locator('a[data-person="stranger"]').click()
      return page
    },
  },
])('an account that belongs to nobody here is told whom to ask, by $entrance', async ({ entrance, open }) => {
  const page = await open()
  await see(page.getByRole('heading', { level: 1, name: words.en.notBound }))
  await see(page.getByRole('alert').getByText('Your Lark account is not connected to a person in Countersign.'))
  await stage.shot(page, `not-bound-by-${entrance.replace('the ', '').replace(' ', '-')}`)
  expect((await page.request.get(`${stage.world.url}/api/app/session`)).status()).toBe(401)
})
