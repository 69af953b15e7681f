import type { Locator } from 'playwright-core'
import { expect, it } from 'vitest'
import { see, useStage } from '../_browser.ts'

/* Arabic: the same pages, mirrored; what is code or a number stays as it is. */

const stage = useStage({
  change: ({ tenants: [tenant] }) => {
    for (const user of tenant?.users ?? []) if (user.uid === 'alice') user.locale = 'ar'
  },
})

async function middleOf(what: Locator): Promise<number> {
  const box = await what.boundingBox()
  if (box === null) throw new Error('it has no place on the page')
  return box.x + box.width / 2
}

it.each([false, true])(
  'mirrors list, ticket and question, and keeps statements left to right (dark: %s)',
  async (dark) => {
    const ticket = await stage.world.api.submit({
      title: 'تصدير طلبات متجر الرياض لشهر أكتوبر',
      description: 'يحتاج الفريق المالي في الرياض إلى قائمة الطلبات لمطابقة ضريبة القيمة المضافة.',
      risk: 'medium',
      executesOnApproval: true,
      fields: [{ label: 'قاعدة البيانات', value: 'orders_prod @ me-central-1' }],
      code: [{ language: 'sql', title: 'SQL', text: "select id, total_minor from orders where shop = 'RUH-01';" }],
      nodes: [
        { name: 'المالية', approvers: ['alice', 'carol'] },
        { name: 'DBA', approvers: ['chen'] },
      ],
    })
    const suffix = dark ? '-dark' : ''
    const page = await stage.webView('alice', '?t=acme&c=lark', { language: 'ar', dark })
    const row = page.getByRole('link').filter({ hasText: ticket.title }).first()
    await see(row)
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl')
    expect(await page.locator('html').getAttribute('lang')).toBe('ar')
    const tabs = page.getByRole('tab')
    expect(await middleOf(tabs.first())).toBeGreaterThan(await middleOf(tabs.last()))
    expect(await middleOf(page.locator('.avatar'))).toBeLessThan(195)
    await stage.shot(page, `list${suffix}`)

    await row.click()
    await see(page.getByRole('heading', { level: 1, name: ticket.title }))
    expect(await middleOf(page.locator('.navbar-back'))).toBeGreaterThan(195)
    expect(await middleOf(page.locator('.button-reject'))).toBeGreaterThan(await middleOf(page.locator('.button-ok')))
    expect(await page.locator('pre').getAttribute('dir')).toBe('ltr')
    await stage.shot(page, `ticket${suffix}`)
    await page.locator('.button-ok').click()
    await see(page.getByRole('dialog'))
    await stage.shot(page, `question${suffix}`)
    const overhang = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(overhang).toBe(0)
  },
)
