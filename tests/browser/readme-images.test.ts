import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '@countersign/sandbox'
import { startServer } from '@countersign/server'
import type { Locator, Page } from 'playwright-core'
import { describe, it } from 'vitest'
import { cardTemplate } from '../../scripts/demo/card-template.ts'
import { demoApiKey, demoProvisioning, demoSandboxSeed } from '../../scripts/demo/people.ts'
import { seedDemo } from '../../scripts/demo/seed.ts'
import { cardOf, phoneOf, see, useStage } from '../_browser.ts'
import { writeProvisioning } from '../_provisioning-file.ts'
import { createApi, findCard, type World } from '../_world.ts'
import { openConsole } from './_console.ts'

/* The pictures of README.md, of the demo's own company and tickets. They are made anew with README_IMAGES=1. */

const isWanted = process.env.README_IMAGES === '1'
const folder = join(import.meta.dirname, '../../docs/images')

async function startDemo(): Promise<World> {
  const template = await cardTemplate(tmpdir())
  const seed = (url: string) => demoSandboxSeed(url, template)
  const sandbox = await startSandbox({ port: 0, host: 'localhost', seed: seed('http://localhost') })
  sandbox.mail.settings.startTls = 'hide'
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  const file = writeProvisioning(dataDir, demoProvisioning(sandbox.url, sandbox.mail.smtpUrl))
  const variables = { PORT: '0', DATA_DIR: dataDir, PROVISIONING_FILE: file, LOG_LEVEL: 'error' }
  const server = await startServer({ folder: dataDir, variables })
  for (const { appId, callbackUrl, redirectUrls } of seed(server.url).apps) {
    sandbox.configureApp(appId, { callbackUrl, redirectUrls, h5TrustedDomains: [server.url], homeUrl: server.url })
  }
  await seedDemo({ url: server.url, sandbox })
  return {
    sandbox,
    server,
    url: server.url,
    dataDir,
    api: createApi(server.url, demoApiKey),
    drain: () => server.drain(),
    card: (uid, ticket) => findCard(sandbox, uid, ticket),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await sandbox.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

describe.runIf(isWanted)('the pictures of the README', () => {
  const stage = useStage({ start: startDemo })
  const keep = (what: Page | Locator, name: string) =>
    what.screenshot({ path: join(folder, name), animations: 'disabled' })

  it('show a card, a ticket, and a list from right to left by night', async () => {
    const desk = await stage.phones('alice')
    const phone = phoneOf(desk, 'alice')
    // The newest, so that no other card pushes it away, and short enough to be seen as a whole.
    const ticket = await stage.world.api.submit({
      module: 'perm_apply',
      title: 'Read access to order history',
      fields: [
        { label: 'Database', value: 'orders_prod' },
        { label: 'Until', value: '2026-12-31' },
      ],
      nodes: [{ name: 'Data owner', approvers: ['alice', 'aisyah'] }],
    })
    await see(cardOf(phone, ticket.title))
    await keep(phone, 'card.png')

    const list = await stage.webView('alice', '?t=acme&c=lark')
    await list.getByRole('link').filter({ hasText: 'Correct duplicated refunds' }).click()
    await see(list.getByRole('heading', { level: 1 }).filter({ hasText: 'Correct duplicated refunds' }))
    await keep(list, 'h5-ticket.png')

    const mirrored = await stage.webView('fatima', '?t=acme&c=lark', { language: 'ar', dark: true })
    await see(mirrored.getByRole('tabpanel').getByRole('listitem'))
    await see(mirrored.locator('.van-pull-refresh'))
    await keep(mirrored, 'h5-list-ar-dark.png')

    const page = await openConsole(stage, 'alice', 'tickets')
    await page.getByRole('link').filter({ hasText: 'Correct duplicated refunds' }).click()
    await see(page.getByRole('heading', { level: 1 }).filter({ hasText: 'Correct duplicated refunds' }))
    await see(page.getByRole('heading', { name: 'Deliveries' }))
    await keep(page, 'console-ticket.png')
  })
})
