import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { webhookSecret } from '../_world.ts'
import { openConsole } from './_console.ts'

/* Deliveries, outgoing webhooks and the audit's export: what administrators do there, and what others are not shown. */

const stage = useStage({
  seed: (seed) => ({ ...seed, webhooks: [{ id: 'ticket-hook', name: 'Ticket hook', secret: webhookSecret }] }),
  change({ tenants: [tenant] }, sandbox) {
    const change = (uid: string, more: object) =>
      Object.assign(tenant?.users.find((user) => user.uid === uid) ?? {}, more)
    change('carol', { roles: ['security_admin'] })
    change('dan', { channels: { webhook: { url: sandbox.webhooks.url('ticket-hook') } } })
  },
})

const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

describe('deliveries', () => {
  it('that failed are sent again, one and many, and are seen to arrive without a reload', async () => {
    const { world } = stage
    const page = await openConsole(stage, 'alice', 'tickets')
    world.sandbox.configurePerson('alice', { availableTo: false })
    const tickets = []
    for (const title of ['First try', 'Second try', 'Third try']) tickets.push(await world.api.submit({ title }))
    await world.drain()
    await page.goto(`${world.url}/console/deliveries?state=failed`)
    const row = rowOf(page, 'First try')
    await see(row.getByText('The app is not available to this person.'))
    await see(row.locator('code', { hasText: '230013' }))
    await stage.shot(page, 'failed')

    world.sandbox.configurePerson('alice', { availableTo: true })
    await row.getByRole('button', { name: 'Send again' }).click()
    await see(page.getByText('Send this to Alice Tan once more?'))
    await confirm(page, 'Send again')
    // Nobody reloads: it leaves the failed ones in its place, on the way and then arrived.
    await see(row.getByText('Sent', { exact: true }))
    expect(world.card('alice', tickets[0] ?? { id: '' }).card).toBeDefined()

    await page.getByRole('button', { name: 'Send all again' }).click()
    await see(page.getByText(/Send all \d that the filter finds once more\?/))
    await confirm(page, 'Send again')
    await see(page.getByText('Done: 2'))
    await see(rowOf(page, 'Third try').getByText('Sent', { exact: true }))
    await stage.shot(page, 'sent-again')

    // A card that was lost: the new one takes its place, and the list says so.
    await page.goto(`${world.url}/console/deliveries?ticket=${tickets[0]?.number}`)
    await row.getByRole('button', { name: 'Send again' }).click()
    await see(page.getByText('loses its buttons'))
    await confirm(page, 'Send again')
    await see(page.getByText('Replaced by a newer one'))
    const fresh = rowOf(page, 'First try').filter({ hasText: 'Sent again' })
    await see(fresh.getByText('Sent', { exact: true }))
    await stage.shot(page, 'replaced')
    await world.sandbox.press('alice', world.card('alice', tickets[0] ?? { id: '' }).messageId, 'Approve')
    await fresh.getByRole('button', { name: 'Send again' }).click()
    await confirm(page, 'Send again')
    await see(page.getByText('The ticket is no longer pending.'))
  })

  it('that wait are cancelled, chosen by the keyboard', async () => {
    const { world } = stage
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 503 })
    const nodes = [{ name: 'Owner', approvers: ['dan'] }]
    for (const title of ['Wait one', 'Wait two']) await world.api.submit({ title, nodes })
    await world.drain()
    const page = await openConsole(stage, 'chen', 'deliveries?state=queued&channel=webhook', { platform: 'Feishu' })
    await see(rowOf(page, 'Wait two').getByText('The receiver answered with an error.'))
    const box = rowOf(page, 'Wait one').getByRole('checkbox')
    await box.focus()
    await page.keyboard.press('Space')
    await see(page.getByText('Selected: 1'))
    await page.getByText('Select all shown').click()
    await see(page.getByText('Selected: 2'))
    await page.getByRole('button', { name: 'Cancel it (2)' }).click()
    await confirm(page, 'Cancel it')
    await see(page.getByText('Done: 2'))
    await see(rowOf(page, 'Wait one').getByText('Not sent'))
    await see(rowOf(page, 'Wait one').getByText('Cancelled in the console.'))
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await stage.shot(page, 'cancelled')
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 200 })
  })

  it('are read by a security administrator, and shown to nobody without a role', async () => {
    const carol = await openConsole(stage, 'carol', 'deliveries')
    await see(carol.getByRole('row').nth(1))
    expect(await carol.getByRole('button', { name: /^(Send again|Cancel it)/ }).count()).toBe(0)
    expect(await carol.getByRole('checkbox').count()).toBe(0)
    expect(await carol.getByRole('link', { name: 'Outgoing webhooks' }).count()).toBe(0)
    await carol.goto(`${stage.world.url}/console/webhooks`)
    await see(carol.getByText('You may not').or(carol.getByText('Something went wrong')).first())
    const bob = await openConsole(stage, 'bob', 'tickets')
    await see(bob.getByRole('heading', { level: 1, name: 'Tickets' }))
    expect(await bob.getByRole('link', { name: 'Deliveries' }).count()).toBe(0)
    expect(await bob.getByRole('link', { name: 'Audit' }).count()).toBe(0)
  })
})

describe('outgoing webhooks', () => {
  it('are looked into, with what was sent, and replayed', async () => {
    const { world } = stage
    const callbackUrl = `${world.sandbox.webhooks.url('ticket-hook')}?token=secret-of-the-source`
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 410 }, 1)
    const ticket = await world.api.submit({ title: 'Tell the source', callbackUrl })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.drain()
    const page = await openConsole(stage, 'alice', 'webhooks')
    const row = rowOf(page, 'Tell the source')
    await see(row.getByText('The receiver does not want to be called any more.'))
    await see(row.getByText(new URL(callbackUrl).host))
    await stage.shot(page, 'webhooks')
    await row.getByRole('button', { name: 'Details' }).click()
    await see(page.getByText('"ticket.approved"'))
    expect(page.url()).toMatch(/\/console\/webhooks\/[\w-]+$/)
    await stage.shot(page, 'webhook')
    expect(await page.content()).not.toContain('secret-of-the-source')
    await page.reload()
    await see(page.getByText('Body as sent, without secrets'))
    await page.keyboard.press('Escape')
    await seeNoMore(page.getByText('Body as sent, without secrets'))
    await row.getByRole('button', { name: 'Replay' }).click()
    await confirm(page, 'Replay')
    await become(
      () =>
        world.sandbox.webhooks.calls('ticket-hook').filter((call) => call.isRepeat && call.body.includes(ticket.id))
          .length,
      1,
    )
    await page.getByRole('button', { name: 'Refresh' }).click()
    await see(row.getByText('Sent', { exact: true }))
    await page.getByRole('button', { name: 'Replay all that failed' }).click()
    await see(page.getByText('Post all 0 that failed once more'))
    await confirm(page, 'Back')
  })
})

describe('the audit', () => {
  it('is narrowed by a click, and exported; the evidence of a ticket is downloaded', async () => {
    const page = await openConsole(stage, 'carol', 'audit')
    await page.getByRole('button', { name: 'chen', exact: true }).first().click()
    await become(async () => new URL(page.url()).searchParams.get('actor'), 'chen')
    await see(page.getByText('delivery.cancel').first())
    await become(() => page.getByRole('button', { name: 'alice', exact: true }).count(), 0)
    await stage.shot(page, 'audit')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export JSON Lines' }).click()
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 'countersign-audit/1', filter: { actor: 'chen' } })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ verification: { ok: true } })

    await page.goto(`${stage.world.url}/console/audit?action=ticket.approve`)
    await page
      .getByRole('link', { name: /^ticket:/ })
      .first()
      .click()
    await see(page.getByRole('heading', { level: 2, name: 'Progress' }))
    const evidence = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the evidence' }).click()
    const pack = JSON.parse(readFileSync(await (await evidence).path(), 'utf8'))
    expect(pack).toMatchObject({ format: 'countersign-evidence/1', ticket: { status: 'approved' } })
    await stage.shot(page, 'ticket')
  })
})

describe.each([
  ['ar', false],
  ['zh-CN', true],
] as const)('in %s', (language, dark) => {
  it('the three pages read as in English', async () => {
    const page = await openConsole(stage, 'alice', 'deliveries', { language, dark })
    await see(page.getByRole('row').nth(1))
    await page.locator('summary').first().click()
    await stage.shot(page, `deliveries-${language}`)
    await page.goto(`${stage.world.url}/console/webhooks`)
    await see(page.getByRole('row').nth(1))
    await page.locator('td button').first().click()
    await see(page.locator('pre').first())
    await stage.shot(page, `webhooks-${language}`)
    await page.goto(`${stage.world.url}/console/audit`)
    await see(page.getByRole('row').nth(1))
    await stage.shot(page, `audit-${language}`)
  })
})
