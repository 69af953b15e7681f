import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { cardOf, phoneOf, see, useStage, viewOf } from '../_browser.ts'
import { words } from './_words.ts'

/* Tickets are written by people, some of whom would like to write the page. Text stays text. */

const stage = useStage()
const say = words.en

const attack = `<img src=x onerror="window.taken=1"><script>window.taken=1</script>`
const template = '{{constructor.constructor("window.taken=1")()}}'
const link = '[now](javascript:window.taken=1)'
const closing = `</code></pre><svg onload="window.taken=1">`
const bidi = 'invoice\u202Egpj.exe'

async function isUntouched(page: Page): Promise<void> {
  for (const frame of page.frames()) expect(await frame.evaluate('window.taken')).toBeUndefined()
}

it('titles, fields, names of steps, statements and comments run nowhere: not on the card, not in the H5 app', async () => {
  const ticket = await stage.world.api.submit({
    title: `${attack} ${template}`,
    description: `${attack}\n${link}\n**bold** ${template}`,
    fields: [{ label: attack, value: `${closing}${link}` }],
    code: [{ language: 'html', title: attack, text: `${closing}${attack}\n${template}` }],
    attachments: [{ name: `${attack}.pdf`, url: 'https://files.acme.test/plan.pdf' }],
    nodes: [{ name: attack, approvers: ['alice', 'carol'] }],
  })
  const page = await stage.phones('alice')
  const phone = phoneOf(page, 'alice')
  const card = cardOf(phone, 'window.taken=1')
  await see(card.getByText('<img src=x onerror').first())
  await stage.shot(page, 'card')
  await isUntouched(page)

  await card.getByRole('button', { name: say.card.open }).click()
  const view = viewOf(phone)
  await see(view.getByRole('heading', { level: 1 }).getByText('<script>window.taken=1</script>'))
  await view.getByRole('button', { name: say.comment }).click()
  await view.getByRole('dialog').getByRole('textbox').fill(`${attack} ${link} ${template}`)
  await view.getByRole('dialog').getByRole('button', { name: say.send }).click()
  await see(view.getByRole('listitem').filter({ hasText: link }))
  await stage.shot(page, 'ticket')
  expect(await view.locator('main img, main script, main svg[onload], a[href^="javascript:"]').count()).toBe(0)
  await isUntouched(page)

  await view.getByRole('button', { name: say.reject, exact: true }).click()
  await view.getByRole('dialog').getByRole('textbox').fill(`${attack} ${link}`)
  await view.getByRole('dialog').getByRole('button', { name: say.rejectNow }).click()
  await see(view.getByText(say.doneRejected))
  await phone.locator('.web-view').getByRole('button', { name: 'Close' }).click()
  await see(card.getByText(say.rejectedBy('Alice Tan')))
  await stage.shot(page, 'rejected')
  expect(await card.locator('img, script, svg[onload], a[href^="javascript:"]').count()).toBe(0)
  await isUntouched(page)
  expect((await stage.world.api.get(ticket.id)).history.at(-1)?.comment).toBe(`${attack} ${link}`)
})

it('links of a ticket lead only to the web, in a page that knows nothing of ours', async () => {
  for (const url of ['javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'file:///etc/passwd']) {
    const answer = await stage.world.api.call('POST', '/api/v1/tickets', {
      module: 'perm_apply',
      title: 'Follow me',
      submitter: 'bob',
      nodes: [{ name: 'Owner', approvers: ['alice'] }],
      url,
    })
    expect(answer.status, url).toBe(422)
  }
  const ticket = await stage.world.api.submit({ title: bidi, url: 'https://dms.acme.test/tickets/1' })
  const page = await stage.webView('alice', `?t=acme&c=lark&ticket=${ticket.id}`)
  const source = page.getByRole('link').filter({ hasText: 'Open in the source system' })
  await see(source)
  expect(await source.getAttribute('rel')).toContain('noopener')
  expect(await source.getAttribute('href')).toBe('https://dms.acme.test/tickets/1')
})

it('what stands in the address is never written into the page', async () => {
  const query = new URLSearchParams({ t: attack, c: `"><script>window.taken=1</script>`, ticket: attack })
  const page = await stage.phoneBrowser()
  await page.goto(`${stage.world.url}/console/mobile/index/?${query}#/ticket/${encodeURIComponent(attack)}`)
  await see(page.getByRole('heading', { level: 1 }))
  await stage.shot(page, 'address')
  await isUntouched(page)
})
