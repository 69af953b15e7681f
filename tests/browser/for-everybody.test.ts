import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { h5Path, see, seeNoMore, useStage } from '../_browser.ts'
import { barriers } from './_barriers.ts'
import { words } from './_words.ts'

/* Whoever uses the H5 app: with a screen reader, a keyboard, a large thumb, a small phone, by night. */

const stage = useStage()
const say = words.en
const statement = "update refunds set status = 'void' where id in (select duplicate_id from tmp_refund_duplicates);"
let ticket: { id: string; title: string }
beforeAll(async () => {
  const fields = [
    { label: 'Database', value: 'payments_prod @ ap-southeast-3' },
    { label: 'Checksum', value: 'c0ffee'.repeat(20) },
  ]
  const shared = { submitter: 'bob', fields, code: [{ language: 'sql', title: 'Statement', text: statement }] }
  for (const risk of ['low', 'high', 'medium'] as const) {
    ticket = await stage.world.api.submit({
      title: `Correct refunds of 12 November, ${'AbsurdlyLongTableNameWithoutAnySpace'.repeat(2)}`,
      description: 'A retry booked 37 refunds twice.\nAmounts are checked against the payment provider.',
      risk,
      executesOnApproval: true,
      cc: ['dan'],
      attachments: [{ name: 'plan.pdf', url: 'https://files.acme.test/plan.pdf', size: 48_213 }],
      url: 'https://dms.acme.test/tickets/981',
      ...shared,
      nodes: [
        { name: 'Owner', approvers: ['alice', 'carol'] },
        { name: 'DBA', approvers: ['chen'] },
      ],
    })
  }
})

interface Sight {
  sight: string
  look: (looks: { dark?: boolean; width?: number }) => Promise<Page>
}
const openTicket: Sight['look'] = async (looks) => {
  const page = await stage.webView('alice', `?t=acme&c=lark&ticket=${ticket.id}`, looks)
  await see(page.getByRole('button', { name: say.approve, exact: true }))
  return page
}
/** Every kind of page there is. */
const sights: Sight[] = [
  {
    sight: 'the list',
    look: async (looks) => {
      const page = await stage.webView('alice', '?t=acme&c=lark', looks)
      await see(page.locator('.van-pull-refresh'))
      return page
    },
  },
  { sight: 'a ticket', look: openTicket },
  {
    sight: 'the reason for a rejection',
    look: async (looks) => {
      const page = await openTicket(looks)
      await page.getByRole('button', { name: say.reject, exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: say.rejectNow }).click()
      await see(page.getByText(say.reasonMissing))
      return page
    },
  },
  {
    sight: 'the question before an approval',
    look: async (looks) => {
      const page = await openTicket(looks)
      await page.getByRole('button', { name: say.approve, exact: true }).click()
      await see(page.getByRole('dialog').getByText(say.approveTitle))
      return page
    },
  },
  {
    sight: 'the log-in page',
    look: async (looks) => {
      const page = await stage.phoneBrowser(looks)
      await page.goto(`${stage.world.url}${h5Path}`)
      await see(page.getByRole('button', { name: say.logInWith.lark }))
      return page
    },
  },
  {
    sight: 'a ticket that is not there',
    look: async (looks) => {
      const page = await stage.webView('alice', '?t=acme&c=lark&ticket=none', looks)
      await see(page.getByRole('heading', { name: say.gone }))
      return page
    },
  },
]

const overhang = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
const holdsFocus = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => element.contains(element.ownerDocument.activeElement))

describe.each(sights)('$sight', ({ sight, look }) => {
  it.each([false, true])('has no barriers (dark: %s)', async (dark) => {
    const page = await look({ dark })
    expect(await barriers(page)).toEqual([])
    expect(await overhang(page)).toBe(0)
    await stage.shot(page, `${sight.replaceAll(' ', '-')}${dark ? '-dark' : ''}`)
  })

  it('fits on a phone 320 px wide, with nothing to scroll sideways and nothing to tap below 44 px', async () => {
    const page = await look({ width: 320 })
    expect(await overhang(page)).toBe(0)
    await stage.shot(page, `${sight.replaceAll(' ', '-')}-small`)
    const targets = page.locator('button, [role="tab"], a.row, a.button').filter({ visible: true })
    const small: string[] = []
    for (const target of await targets.all()) {
      const box = await target.boundingBox()
      const name = (await target.getAttribute('aria-label')) ?? (await target.textContent()) ?? ''
      if (box !== null && (box.height < 44 || box.width < 44)) small.push(`${name}: ${box.width} × ${box.height}`)
    }
    expect(small).toEqual([])
  })
})

it('a decision can be taken with the keyboard alone, and focus comes back from the question', async () => {
  const page = await openTicket({})
  const reject = page.getByRole('button', { name: say.reject, exact: true })
  await reject.focus()
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog', { name: say.rejectTitle })
  await see(sheet)
  await expect.poll(() => holdsFocus(sheet)).toBe(true)
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('Tab')
    expect(await holdsFocus(sheet)).toBe(true)
  }
  await page.keyboard.press('Escape')
  await seeNoMore(sheet)
  await expect.poll(() => holdsFocus(reject)).toBe(true)
})

it('the tabs are walked with the arrow keys', async () => {
  const page = await stage.webView('alice', '?t=acme&c=lark')
  const pending = page.getByRole('tab', { name: say.tabs.pending })
  await pending.focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.getByRole('tab', { selected: true }).textContent()).toContain(say.tabs.done)
})
