import { headerOf } from '@countersign/sandbox'
import { describe, expect, it } from 'vitest'
import { addressOf, become, see, useStage } from '../_browser.ts'
import { byMail, decisionLinksIn, lastMail } from '../_post.ts'
import { barriers } from './_barriers.ts'

/* A mail in a mail program, and the pages behind its buttons, on a phone. */

const stage = useStage(
  byMail({}, (tenant) => {
    const [carol] = tenant.users.filter(({ uid }) => uid === 'carol')
    if (carol !== undefined) Object.assign(carol, { name: 'ليلى حداد', locale: 'ar', timeZone: 'Asia/Riyadh' })
  }),
)

const asked = async (approver: string, title: string): Promise<{ id: string; number: number }> => {
  const ticket = await stage.world.api.submit({
    title,
    description: 'Finance needs the orders for the audit.',
    fields: [
      { label: 'Database', value: 'orders@prod' },
      { label: 'Rows', value: '12,000' },
    ],
    code: [{ language: 'sql', title: 'Statement', text: 'select id, total\nfrom orders\nwhere year = 2026' }],
    executesOnApproval: true,
    nodes: [{ name: 'Owner', approvers: [approver] }],
  })
  await stage.world.drain()
  return ticket
}

describe('a mail', () => {
  it.each([
    ['alice', false, 390, 'on a phone'],
    ['alice', true, 390, 'on a phone in the dark'],
    ['carol', true, 390, 'in Arabic in the dark'],
    ['carol', false, 700, 'in Arabic on a desk'],
    ['chen', false, 390, 'in Chinese'],
    ['chen', true, 700, 'in Chinese on a desk in the dark'],
  ])('to %s (dark: %s, %i wide) can be read %s', async (uid, dark, width, name) => {
    await asked(uid, uid === 'chen' ? '导出第三季度订单' : uid === 'carol' ? 'تصدير الطلبات' : 'Export orders')
    const mail = lastMail(stage.world.sandbox, uid)
    const page = await stage.phoneBrowser({ dark, width })
    await page.setContent(mail.html)
    await see(page.getByText('orders@prod').first())
    const widths = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, innerWidth]')
    expect(widths[0]).toBeLessThanOrEqual(widths[1])
    const direction = await page.evaluate(`getComputedStyle(document.querySelector('table')).direction`)
    expect(direction).toBe(uid === 'carol' ? 'rtl' : 'ltr')
    expect(await barriers(page)).toEqual([])
    await stage.shot(page, `mail ${name}`)
  })
})

describe('the page behind a button', () => {
  it('shows the ticket, and approves it at a press', async () => {
    const ticket = await asked('alice', 'Approve me by mail')
    const { approve } = decisionLinksIn(lastMail(stage.world.sandbox, 'alice'))
    const page = await stage.phoneBrowser()
    await page.goto(approve)
    for (const text of ['Approve me by mail', 'orders@prod', 'select id, total', 'carried out automatically']) {
      await see(page.getByText(text))
    }
    await stage.shot(page, 'approve')
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')
    await page.getByRole('button', { name: 'Approve' }).click()
    await see(page.getByRole('heading', { name: `You approved #${ticket.number}.` }))
    await stage.shot(page, 'approved')
    expect((await stage.world.api.get(ticket.id)).status).toBe('approved')

    await page.reload()
    await see(page.getByText(`You approved #${ticket.number}.`))
    expect((await stage.world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')).toHaveLength(1)
    await page.getByRole('link', { name: 'Open ticket' }).click()
    await become(() => addressOf(page).startsWith('/console/mobile/index/'), true)
  })

  it('wants a reason before it rejects, in the dark and from the right', async () => {
    const ticket = await asked('carol', 'تصدير الطلبات')
    const { reject, approve } = decisionLinksIn(lastMail(stage.world.sandbox, 'carol'))
    const page = await stage.phoneBrowser({ language: 'ar', dark: true })
    await page.goto(reject)
    expect(await page.evaluate('document.documentElement.dir')).toBe('rtl')
    const button = page.getByRole('button', { name: 'رفض' })
    await button.click()
    // The browser itself holds it back.
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')
    await page.getByLabel('سبب الرفض').fill('واسع جدا')
    await stage.shot(page, 'reject in Arabic')
    await button.click()
    await see(page.getByRole('heading', { name: `لقد رفضت ${'#'}${ticket.number}` }))
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({
      action: 'reject',
      comment: 'واسع جدا',
    })

    await page.goto(approve)
    await see(page.getByText('لقد رفضت'))
    expect(await page.getByRole('button').count()).toBe(0)
    await stage.shot(page, 'the other link of the mail')
  })

  it.each([false, true])('has no barriers, at any width (dark: %s)', async (dark) => {
    await asked('alice', `Read ${'AbsurdlyLongTableNameWithoutAnySpace'.repeat(3)}`)
    const { approve, reject } = decisionLinksIn(lastMail(stage.world.sandbox, 'alice'))
    for (const [link, width] of [
      [approve, 320],
      [reject, 390],
      [reject, 1_024],
    ] as const) {
      const page = await stage.phoneBrowser({ dark, width })
      await page.goto(link)
      expect(await barriers(page)).toEqual([])
      const [overhang, height] = await page.evaluate<[number, number]>(
        `[document.documentElement.scrollWidth - innerWidth, document.querySelector('button').offsetHeight]`,
      )
      expect(overhang).toBeLessThanOrEqual(0)
      expect(height).toBeGreaterThanOrEqual(44)
    }
  })

  it('says why it does nothing once somebody withdrew the ticket', async () => {
    const ticket = await asked('alice', 'Withdrawn meanwhile')
    const { approve } = decisionLinksIn(lastMail(stage.world.sandbox, 'alice'))
    const page = await stage.phoneBrowser()
    await page.goto(approve)
    await stage.world.api.call('POST', `/api/v1/tickets/${ticket.id}/withdraw`, {})
    stage.expectComplaint('409')
    await page.getByRole('button', { name: 'Approve' }).click()
    await see(page.getByText('has withdrawn this ticket'))
    await stage.shot(page, 'withdrawn')
    expect((await stage.world.api.get(ticket.id)).status).toBe('withdrawn')
  })

  it('needs no script and leaves nothing behind in the browser', async () => {
    await asked('alice', 'Without script')
    const { approve } = decisionLinksIn(lastMail(stage.world.sandbox, 'alice'))
    const page = await stage.phoneBrowser()
    const asks: string[] = []
    page.on('request', (request) => void asks.push(request.url()))
    await page.goto(approve)
    await see(page.getByRole('button', { name: 'Approve' }))
    expect(asks.filter((url) => !url.startsWith('data:'))).toEqual([approve])
    expect(await page.evaluate('[document.scripts.length, document.cookie]')).toEqual([0, ''])
  })
})

it('stops mails from the foot of a mail, after asking', async () => {
  await asked('dan', 'The last one')
  const link = /<(.+)>/.exec(headerOf(lastMail(stage.world.sandbox, 'dan'), 'list-unsubscribe') ?? '')?.[1] ?? ''
  const page = await stage.phoneBrowser()
  await page.goto(link)
  await see(page.getByText('Stop telling Dan Lim by e-mail?'))
  await stage.shot(page, 'stop mails')
  await page.getByRole('button', { name: 'Stop e-mails' }).click()
  await see(page.getByText('Dan Lim is no longer told by e-mail.'))
  await stage.shot(page, 'mails stopped')
})
