import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { serveBuild } from './serve.ts'

/** One picture: who looks, at what, and what is done before. */
interface Picture {
  name: string
  cookies: Record<string, string>
  query?: string
  dark?: boolean
  before?: (page: Page) => Promise<unknown>
  fullPage?: boolean
  offline?: boolean
}

const approve = (page: Page) => page.locator('.button-ok').first().click()
const reject = (page: Page) => page.locator('.button-reject').click()
const me = (locale: string, more: Record<string, string> = {}) => ({ person: 'wei', locale, ...more })
const ticket = (index: number) => `?t=acme&c=feishu&ticket=tk-0-${index}`

const pictures: Picture[] = [
  { name: 'list-zh', cookies: me('zh-CN') },
  { name: 'list-en-dark', cookies: me('en'), dark: true },
  { name: 'list-ar', cookies: me('ar') },
  { name: 'list-done-en', cookies: me('en'), before: (page) => page.getByRole('tab').nth(1).click() },
  { name: 'list-submitted-zh', cookies: me('zh-CN'), before: (page) => page.getByRole('tab').nth(2).click() },
  { name: 'list-empty-en', cookies: me('en', { empty: '1' }) },
  {
    name: 'search-zh',
    cookies: me('zh-CN'),
    before: async (page) => {
      await page.locator('.search-open').click()
      await page.keyboard.type('导出')
      await page.waitForTimeout(800)
    },
  },
  { name: 'account-en', cookies: me('en'), before: (page) => page.locator('.avatar').click() },
  { name: 'ticket-zh', cookies: me('zh-CN'), query: ticket(0), fullPage: true },
  { name: 'ticket-zh-dark', cookies: me('zh-CN'), query: ticket(0), dark: true, fullPage: true },
  { name: 'ticket-high-en', cookies: me('en'), query: ticket(1), fullPage: true },
  { name: 'ticket-high-ar', cookies: me('ar'), query: ticket(1), fullPage: true },
  { name: 'ticket-high-view-en', cookies: me('en'), query: ticket(1) },
  {
    name: 'ticket-read-en',
    cookies: me('en'),
    query: ticket(1),
    before: (page) => page.getByText('Take me there').click(),
  },
  { name: 'confirm-zh', cookies: me('zh-CN'), query: ticket(0), before: approve },
  {
    name: 'reject-en',
    cookies: me('en'),
    query: ticket(3),
    before: async (page) => {
      await reject(page)
      await page.locator('.button-bad').click()
    },
  },
  { name: 'reject-zh-dark', cookies: me('zh-CN'), query: ticket(0), dark: true, before: reject },
  { name: 'done-en', cookies: me('en'), query: ticket(2), before: approve },
  { name: 'refused-en', cookies: me('en', { problem: 'content_changed' }), query: ticket(5), before: approve },
  { name: 'submitted-mine-en', cookies: me('en'), query: ticket(10), fullPage: true },
  { name: 'rejected-zh', cookies: me('zh-CN'), query: ticket(9), fullPage: true },
  { name: 'gone-en', cookies: me('en'), query: '?ticket=none' },
  { name: 'login-en', cookies: {} },
  { name: 'login-zh-dark', cookies: { locale: 'zh-CN' }, dark: true },
  {
    name: 'not-bound-en',
    cookies: { problem: 'not_bound' },
    query: '?code=c&state=state-state-state-1&t=acme&c=feishu',
  },
  { name: 'channel-off-en', cookies: { problem: 'channel_not_enabled' }, query: '?t=acme&c=feishu' },
  { name: 'server-error-en', cookies: me('en', { problem: 'broken' }) },
  {
    name: 'offline-en',
    cookies: me('en'),
    query: ticket(0),
    before: async (page) => {
      await page.context().setOffline(true)
      await page.evaluate('location.hash = "#/ticket/tk-1-1"')
    },
  },
  {
    name: 'offline-list-zh',
    cookies: me('zh-CN'),
    before: async (page) => {
      await page.route('**/api/app/session', (route) => route.abort())
      await page.reload()
    },
  },
  {
    name: 'confirm-again-en-dark',
    cookies: me('en'),
    query: ticket(1),
    dark: true,
    before: async (page) => {
      await page.locator('.decision-note button').click()
      await page.waitForTimeout(900)
      await approve(page)
      await page.locator('.sheet .button-ok').click()
    },
  },
  {
    name: 'comment-ja',
    cookies: me('ja'),
    query: ticket(10),
    before: (page) => page.locator('.pill').first().click(),
  },
  { name: 'remind-id', cookies: me('id'), query: ticket(10), before: (page) => page.locator('.pill').nth(1).click() },
  { name: 'list-ms', cookies: me('ms') },
  { name: 'ticket-ja', cookies: me('ja'), query: ticket(0) },
  {
    name: 'changed-en',
    cookies: me('en'),
    query: ticket(0),
    before: async (page) => {
      await page.route('**/api/app/tickets/tk-0-0', async (route) => {
        const answer = await route.fetch()
        await route.fulfill({ response: answer, json: { ...(await answer.json()), contentHash: 'sha256:other' } })
      })
      await page.evaluate('window.dispatchEvent(new Event("focus"))')
    },
  },
]

const settings = (locale: string, path = '', more: Partial<Picture> = {}): Omit<Picture, 'name'> => ({
  cookies: me(locale),
  query: `#/settings${path}`,
  fullPage: true,
  ...more,
})
const fill = (field: string, text: string) => (page: Page) => page.locator(field).fill(text)
const submit = (page: Page) => page.locator('form [type="submit"]').click()

pictures.push(
  { name: 'settings-zh', ...settings('zh-CN') },
  { name: 'settings-en-dark', ...settings('en', '', { dark: true }) },
  { name: 'settings-ar', ...settings('ar') },
  { name: 'settings-ja', ...settings('ja') },
  { name: 'settings-provisioned-en', ...settings('en', '/feishu') },
  { name: 'settings-not-enabled-ar', ...settings('ar', '/wecomRobot') },
  { name: 'settings-email-zh', ...settings('zh-CN', '/email') },
  { name: 'settings-email-ar-dark', ...settings('ar', '/email', { dark: true }) },
  {
    name: 'settings-test-en',
    ...settings('en', '/dingtalkRobot', { before: (page) => page.locator('.test-button').click() }),
  },
  {
    name: 'settings-lark-ar',
    ...settings('ar', '/lark', { before: (page) => page.getByRole('radio').nth(1).click() }),
  },
  {
    name: 'settings-robot-zh-dark',
    ...settings('zh-CN', '/dingtalkRobot', { dark: true, before: (page) => page.locator('.chan-change').click() }),
  },
  {
    name: 'settings-webhook-en',
    ...settings('en', '/webhook', {
      before: async (page) => {
        await page.getByRole('radio').nth(1).click()
        await submit(page)
      },
    }),
  },
  {
    name: 'settings-code-zh',
    ...settings('zh-CN', '/sms', {
      before: async (page) => {
        await fill('#address-mobile', '13800138000')(page)
        await submit(page)
        await page.locator('.code-field').pressSequentially('246')
      },
    }),
  },
  {
    name: 'settings-code-wrong-ar-dark',
    ...settings('ar', '/dingtalk', {
      dark: true,
      before: async (page) => {
        await fill('#address-mobile', '٠٥٠١٢٣٤٥٦٧')(page)
        await submit(page)
        await page.locator('.code-field').pressSequentially('111111')
      },
    }),
  },
  {
    name: 'settings-leave-en',
    ...settings('en', '/lark', {
      fullPage: false,
      before: async (page) => {
        await fill('#address-email', 'wei@acme.example')(page)
        await page.locator('.navbar-back').click()
      },
    }),
  },
  ...['quiet', 'digest', 'language', 'zone'].map((sheet, index) => ({
    name: `settings-${sheet}-zh`,
    ...settings('zh-CN', '', { fullPage: false, before: (page) => page.locator('.set-open').nth(index).click() }),
  })),
  {
    name: 'settings-zone-ar-dark',
    ...settings('ar', '', {
      dark: true,
      fullPage: false,
      before: (page) => page.locator('.set-open').nth(3).click(),
    }),
  },
  {
    name: 'settings-country-en',
    ...settings('en', '/sms', { fullPage: false, before: (page) => page.locator('.mobile-code').click() }),
  },
  { name: 'settings-broken-en', ...settings('en', '', { cookies: me('en', { problem: 'settings_broken' }) }) },
)

async function take(browser: Browser, origin: string, out: string, picture: Picture): Promise<string[]> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 1.5,
    hasTouch: true,
    isMobile: true,
    locale: picture.name.includes('zh') ? 'zh-CN' : 'en',
    colorScheme: picture.dark ? 'dark' : 'light',
  })
  const problems: string[] = []
  await context.addCookies(Object.entries(picture.cookies).map(([name, value]) => ({ name, value, url: origin })))
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of'))
      problems.push(`${picture.name}: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`${picture.name}: ${error.message}`))
  await page.goto(`${origin}/console/mobile/index/${picture.query ?? ''}`)
  await page.waitForSelector('#app h1, #app h2', { state: 'attached' })
  await page.waitForTimeout(500)
  await picture.before?.(page)
  await page.waitForTimeout(700)
  await page.screenshot({ path: `${out}/${picture.name}.png`, fullPage: picture.fullPage ?? false })
  await context.close()
  return problems
}

const root = fileURLToPath(new URL('../dist', import.meta.url))
const out = fileURLToPath(new URL('../test-output', import.meta.url))
await mkdir(out, { recursive: true })
const only = process.argv[2]
const server = await serveBuild({ root, port: 0, encoding: 'br', withPolicy: true, delays: { listMs: 5, loginMs: 5 } })
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
})
for (const picture of pictures.filter(({ name }) => only === undefined || name.includes(only))) {
  for (const problem of await take(browser, server.origin, out, picture)) process.stdout.write(`${problem}\n`)
}
await browser.close()
await server.close()
