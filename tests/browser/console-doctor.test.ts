import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { dingtalkApps } from '../_world.ts'
import { openConsole } from './_console.ts'

/* The doctor step by step and stopped in the middle, the meter that fills while it is looked at, and the ledger of cards. */

const stage = useStage({
  dingtalk: 'stream',
  change: ({ tenants: [tenant] }) => {
    const carol = tenant?.users.find(({ uid }) => uid === 'carol')
    if (carol !== undefined) carol.roles = ['security_admin']
  },
})
const { appKey } = dingtalkApps.dingtalk
const finding = (page: Page, id: string): Locator => page.locator(`[data-finding="${id}"]`)
const card = (page: Page, uid: string, channel: string): Locator => page.locator(`[data-card="${uid} ${channel}"]`)

describe('the page of a channel', () => {
  it('shows each finding as it is made, and stops asking when it is told to', async () => {
    const page = await openConsole(stage, 'alice', 'channels/dingtalk?tab=doctor')
    await see(page.getByText('Connected since'))
    const { sandbox } = stage.world
    sandbox.faults.set({ kind: 'slow', platform: 'dingtalk', path: '/v1.0/card/instances', delayMs: 3_000, times: 1 })
    await page.getByRole('button', { name: 'Run the doctor' }).click()
    // The template has not answered yet; what was asked before and beside it is there.
    await see(finding(page, 'credentials').getByText('In order'))
    await see(finding(page, 'credentials').getByText('Credentials', { exact: true }))
    await see(page.getByText('answered so far'))
    await stage.shot(page, 'doctor-under-way')
    expect(await finding(page, 'quota').count()).toBe(0)
    await page.getByRole('button', { name: 'Stop' }).click()
    await see(page.getByText('Stopped before the end'))
    await stage.shot(page, 'doctor-stopped')
    const asked = (): number => sandbox.wire.filter(({ platform }) => platform === 'dingtalk').length
    await become(async () => sandbox.wire.filter(({ note }) => note === 'slow').length, 1)
    const before = asked()
    await page.getByRole('button', { name: 'Run again' }).click()
    await see(finding(page, 'people_unmapped').getByText('In order'))
    await seeNoMore(page.getByText('Stopped before the end'))
    // All of it was asked anew, and nothing had been asked in between.
    expect(asked()).toBeGreaterThan(before)
    await stage.shot(page, 'doctor')
  })

  it('fills its meter while it is looked at, and warns from 80 % on', async () => {
    const page = await openConsole(stage, 'alice', 'channels/dingtalk')
    const meter = page.locator('[data-level]')
    await see(meter.getByText('Expected by the end'))
    const { callMeter } = stage.world.server.context
    for (let n = 0; n < 4_000; n += 1) callMeter.count({ tenantId: 'acme', channel: 'dingtalk', appId: appKey })
    await see(meter.getByText(/^8\d % of this month’s calls are used\.$/))
    expect(await meter.getAttribute('data-level')).toBe('near')
    await stage.shot(page, 'meter')
    await page.goto(`${stage.world.url}/console/channels`)
    await see(page.getByText(/^8\d % of this month’s calls are used\.$/))
    await stage.shot(page, 'channels')
  })

  it('reads as well in the dark and from the right', async () => {
    for (const language of ['en', 'ar'] as const) {
      const page = await openConsole(stage, 'alice', 'channels/dingtalk?tab=doctor', {
        language,
        dark: language === 'en',
      })
      await page.getByRole('button', { name: language === 'en' ? 'Run the doctor' : 'تشغيل التشخيص' }).click()
      await see(finding(page, 'people_unmapped'))
      await stage.shot(page, `doctor-${language === 'en' ? 'dark' : 'ar'}`)
    }
  })
})

describe('the page of a ticket', () => {
  it('has all that the phone shows, and for overseers the ledger of its cards', async () => {
    const { api, sandbox } = stage.world
    const ticket = await api.submit({
      ...{ title: 'Export orders Q3', risk: 'medium', description: 'For the yearly report', cc: ['dan'] },
      code: [{ language: 'sql', title: 'Statement', text: 'select *\nfrom orders' }],
      attachments: [{ name: 'plan.pdf', url: 'https://files.acme.test/plan.pdf', size: 20_480 }],
      ...{ url: 'https://dms.acme.test/tickets/1', dueAt: '2020-01-01T00:00:00Z' },
      nodes: [{ name: 'Owners', approvers: ['alice', 'chen', 'wang'], rule: 'any' }],
    })
    await stage.world.drain()
    const page = await openConsole(stage, 'alice', `tickets/${ticket.id}`)
    for (const text of [
      'Dan Lim',
      'For the yearly report',
      '2 lines',
      'plan.pdf',
      '20.5 kB',
      'Open in the source system',
    ])
      await see(page.getByText(text).first())
    await see(page.getByText(/^Overdue since/))
    await see(page.getByText('Alice Tan (you)'))
    for (const [uid, channel] of [
      ['alice', 'lark'],
      ['chen', 'feishu'],
      ['wang', 'dingtalk'],
    ] as const) {
      await see(card(page, uid, channel).getByText('Pending'))
      await see(card(page, uid, channel).getByText('Up to date'))
    }
    await see(card(page, 'alice', 'lark').getByText(stage.world.card('alice', ticket).messageId))
    await stage.shot(page, 'ledger')

    // A card that cannot be reached stays behind, and the page says so by itself.
    const fault = sandbox.faults.set({ kind: 'server-error', platform: 'feishu', path: '/im/v1/messages' })
    await page.getByRole('button', { name: 'Comment' }).click()
    await page.getByRole('textbox').fill('Looking into it')
    await page.getByRole('button', { name: 'Send' }).click()
    await see(page.getByText('Looking into it'))
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await see(page.getByText('This may be the last approval: the ticket is then approved.'))
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click()
    await see(card(page, 'wang', 'dingtalk').getByText('Approved').first())
    await see(card(page, 'chen', 'feishu').getByText('Behind'))
    await see(card(page, 'chen', 'feishu').getByText('502').first())
    sandbox.faults.clear(fault)
    await stage.shot(page, 'ledger-behind')
    for (const language of ['en', 'ar'] as const) {
      const other = await openConsole(stage, 'alice', `tickets/${ticket.id}`, { language, dark: language === 'en' })
      await see(card(other, 'chen', 'feishu'))
      await stage.shot(other, `ledger-${language === 'en' ? 'dark' : 'ar'}`)
    }
  })

  it('keeps the ledger from those who only take part, and channels from those who only oversee', async () => {
    const ticket = await stage.world.api.submit({ nodes: [{ name: 'Owner', approvers: ['dan'] }] })
    await stage.world.drain()
    const dan = await openConsole(stage, 'dan', `tickets/${ticket.id}`)
    await see(dan.getByText('Your decision is needed'))
    expect(await dan.getByText('Ledger of cards').count()).toBe(0)
    const carol = await openConsole(stage, 'carol', `tickets/${ticket.id}`)
    await see(card(carol, 'dan', 'lark'))
    stage.expectComplaint('403')
    await carol.goto(`${stage.world.url}/console/channels/dingtalk?tab=doctor`)
    await see(carol.getByText('You may not do this.'))
  })
})
