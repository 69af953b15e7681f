import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, useStage } from '../_browser.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* The overview: what waits, how long approvals take and who makes them, how deliveries fare. */

const stage = useStage()
const nodes = [{ name: 'Owner', approvers: ['alice'] }]

/** The figure of a tile. */
const figure = (page: Page, name: string) => page.locator('.tile', { hasText: name }).locator('strong')

/** Alice approves as fast as her browser can ask. */
async function approveInARow(page: Page, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const ticket = await stage.world.api.submit({ title: `Export ${index}`, risk: 'low', nodes })
    const answer = await page.request.post(`${stage.world.url}/api/app/console/tickets/${ticket.id}/decision`, {
      headers: ownHeaders(stage),
      data: { action: 'approve', contentHash: ticket.contentHash, confirmed: true },
    })
    expect(answer.status()).toBe(200)
  }
}

describe('the overview', () => {
  it('draws what waits and who approves unread, leads to the tickets, and keeps its filters in the address', async () => {
    const page = await openConsole(stage, 'alice', 'overview')
    await see(page.getByText('No ticket in this time.'))
    await approveInARow(page, 6)
    await stage.world.api.submit({ title: 'Still waiting', module: 'db_permission', nodes })
    await page.getByRole('button', { name: 'Refresh' }).click()
    await become(() => figure(page, 'Waiting now').textContent(), '1')
    await become(() => figure(page, 'Settled').first().textContent(), '6')
    const deciders = page.getByRole('region', { name: 'Who decides, and how quickly' })
    await see(deciders.getByRole('row', { name: /Alice.*Approves unread\?/ }))
    const flow = page.getByRole('region', { name: 'Came in and settled' })
    await see(flow.locator('canvas'))
    await stage.shot(page, 'overview')
    await flow.getByRole('button', { name: 'Show as table' }).click()
    await see(flow.getByRole('row').last().getByRole('cell', { name: '7', exact: true }))
    await page.getByText('7 days', { exact: true }).click()
    await become(() => new URL(page.url()).search, '?days=7')
    await become(() => flow.getByRole('row').count(), 8)
    await page.goto(`${stage.world.url}/console/overview?module=db_permission`)
    await become(() => figure(page, 'Waiting now').textContent(), '1')
    await become(() => figure(page, 'Settled').first().textContent(), '0')
    await page.getByRole('region', { name: 'For whom most waits' }).getByRole('link', { name: 'Alice' }).click()
    await see(page.getByRole('link', { name: 'Still waiting' }))
  })

  it.each([
    { language: 'ar', dark: true },
    { language: 'zh-CN', dark: false },
  ] as const)('is read in $language too', async ({ language, dark }) => {
    const page = await openConsole(stage, 'alice', 'overview', { language, dark })
    await see(page.locator('canvas'))
    await stage.shot(page, `overview-${language}`)
  })

  it('is nothing for somebody without a role', async () => {
    const page = await openConsole(stage, 'bob', 'tickets')
    expect(await page.getByRole('link', { name: 'Overview' }).count()).toBe(0)
    const answer = await page.request.get(`${stage.world.url}/api/app/console/overview`)
    expect(answer.status()).toBe(403)
  })
})
