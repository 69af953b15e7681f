import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { see, seeNoMore, useStage } from '../_browser.ts'
import { barriers } from './_barriers.ts'
import { openConsole } from './_console.ts'

/* The desktop console for people who see little, write from the right, or have no mouse: every page of it. */

const stage = useStage()
let ticketId = ''

/** An address for every page; `:` stands for what a page is about. */
const addresses: Record<string, string> = {
  tickets: 'tickets',
  'tickets/:id': 'tickets/:',
  overview: 'overview',
  'stuck-tickets': 'stuck-tickets',
  deliveries: 'deliveries',
  'webhooks/:id?': 'webhooks',
  people: 'people',
  'people/:uid': 'people/bob',
  'people/:uid/settings/:channel?': 'people/bob/settings',
  'people-import': 'people-import',
  'people-sync/:channel?': 'people-sync/lark',
  'approval-templates': 'approval-templates',
  'approval-templates/:id': 'approval-templates/export-default',
  'new-approval-template': 'new-approval-template',
  'welcome/:platform?/:step?': 'welcome/lark/app',
  'login-ways': 'login-ways',
  channels: 'channels',
  'channels/:name': 'channels/lark',
  notification: 'notification',
  texts: 'texts',
  'texts/:channel/:locale/:kind': 'texts/email/en/pending',
  'settings/:channel?': 'settings',
  audit: 'audit',
  'api-keys': 'api-keys',
  security: 'security',
  sessions: 'sessions',
}
/** Leads to another page, and shows what the others show when there is nothing. */
const noPages = ['', ':rest(.*)*']

beforeAll(async () => {
  const ticket = await stage.world.api.submit({
    title: 'Export orders',
    risk: 'high',
    description: 'For the quarterly report.',
    fields: [{ label: 'Database', value: 'orders@prod' }],
    code: [{ language: 'sql', title: 'Statement', text: 'select id, total from orders' }],
    nodes: [{ name: 'Owner', approvers: ['alice'] }],
  })
  ticketId = ticket.id
  await stage.world.drain()
})

async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(`${stage.world.url}/console/${address.replace(':', ticketId)}`)
  await see(page.getByRole('heading', { level: 1 }))
  await page.waitForLoadState('networkidle')
  await seeNoMore(page.locator('.el-skeleton'))
}

it('has an address here for every page of the router', () => {
  const router = readFileSync(new URL('../../apps/console/src/router.ts', import.meta.url), 'utf8')
  const children = router.slice(router.indexOf('const pages'), router.indexOf('export const'))
  const paths = [...children.matchAll(/path: '([^']*)'/g)].map(([, path = '']) => path)
  expect(paths.filter((path) => !noPages.includes(path)).sort()).toEqual(Object.keys(addresses).sort())
})

describe.each([
  { language: 'en', dark: false },
  { language: 'ar', dark: true },
] as const)('in $language (dark: $dark)', ({ language, dark }) => {
  it('no page has a barrier, or runs over the side', async () => {
    const page = await openConsole(stage, 'alice', 'tickets', { language, dark })
    const found: Record<string, unknown> = {}
    for (const address of Object.values(addresses)) {
      await goTo(page, address)
      const overhang = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      const met = await barriers(page)
      if (met.length > 0 || overhang !== 0) found[address] = { met, overhang }
      await stage.shot(page, `${language}-${address.replace(/[:/]+/g, '-')}`)
    }
    expect(found).toEqual({})
  })
})

it('a ticket is found, read and decided with the keyboard alone', async () => {
  const page = await openConsole(stage, 'alice', 'tickets')
  const focused = (): Promise<string> =>
    page.evaluate(
      `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()`,
    )
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('Tab')
      if (name.test(await focused())) return
    }
    throw new Error(`the Tab key does not lead to ${name}, but to ${await focused()}`)
  }
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await tabTo(/Export orders/)
  await page.keyboard.press('Enter')
  await see(page.getByRole('heading', { level: 1, name: 'Export orders' }))
  await tabTo(/^Approve$/)
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog')
  await see(question)
  await page.keyboard.press('Escape')
  await seeNoMore(question)
  await expect.poll(focused).toBe('Approve')
  await page.keyboard.press('Enter')
  await see(question)
  await tabTo(/^Approve$/)
  await page.keyboard.press('Enter')
  await see(page.getByText('Your decision is recorded.'))
})
