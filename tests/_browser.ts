import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { findChromium } from '../scripts/chromium.ts'
import { startWorld, type World, type WorldOptions } from './_world.ts'

/*
 * Real Chromium in front of the whole system. One browser and one world for each test file, and for each test browsers of
 * their own for the people in it. Whatever a page complains about fails the test: errors on the console, exceptions,
 * dialogs, and what the content policy stopped.
 */

export type Language = 'en' | 'zh-CN' | 'ar'

/** How somebody's browser looks to the pages it opens. */
export interface Looks {
  language?: Language
  dark?: boolean
  width?: number
}

export interface Stage {
  readonly world: World
  /** The phones page of the sandbox, on a desk: one phone, or two side by side. */
  phones(person: string, looks?: { second?: string; dark?: boolean }): Promise<Page>
  /** A page of its own in the web view of Lark or Feishu, on the phone of this person. */
  webView(person: string, query: string, looks?: Looks): Promise<Page>
  /** A phone's ordinary browser, in which nobody is known yet. */
  phoneBrowser(looks?: Looks): Promise<Page>
  /** A computer's browser, in which nobody is known yet. */
  deskBrowser(looks?: Looks): Promise<Page>
  /** Keeps a picture in test-output/browser/<test file>/. */
  shot(page: Page | Locator, name: string): Promise<void>
  /** A complaint that belongs to this test, by a part of its text. */
  expectComplaint(part: string): void
}

export const h5Path = '/console/mobile/index/'
export const authorizePath = '/open-apis/authen/v1/authorize'

const flags = ['--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']
  .concat('--disable-background-networking', '--disable-component-update')
  // After a picture, Chromium may hand taps on a web view in a process of its own to the page around it: they are lost.
  .concat('--disable-site-isolation-trials')
  // Chromium's sandbox does not run as root.
  .concat(process.getuid?.() === 0 ? ['--no-sandbox'] : [])

/** Of the tenant, so that what a card says and what the phone's clock says agree. */
const timezoneId = 'Asia/Singapore'
const phoneSize = { width: 390, height: 844 }
const mobile = { viewport: phoneSize, deviceScaleFactor: 2, isMobile: true, hasTouch: true } as const
const browserLanguages = { en: 'en-US', 'zh-CN': 'zh-CN', ar: 'ar-SA' } as const
const larkLocales = { en: 'en_US', 'zh-CN': 'zh_CN', ar: 'ar_SA' } as const
const android = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)'
const chromeAgent = `${android} Chrome/126.0.0.0 Mobile Safari/537.36`
/** What both brands' clients send (the platform's guide to web apps, "user agent"). */
const larkAgent = (language: Language): string => `${chromeAgent} Lark/7.32.8 LarkLocale/${larkLocales[language]}`

/** Generous, as two cores may be busy: what people see comes in a fraction of it. */
const patienceMs = 20_000

/** Call once at the top of a test file. `start` brings a world of one's own in place of the tests' company. */
export function useStage(options: WorldOptions & { start?: () => Promise<World> } = {}): Stage {
  const folder = join(import.meta.dirname, '../test-output/browser', basename(testPath(), '.test.ts'))
  const contexts: BrowserContext[] = []
  const complaints: string[] = []
  const expected: string[] = []
  let browser: Browser | undefined
  let world: World | undefined
  let shots = 0

  const open = async (looks: BrowserContextOptions): Promise<Page> => {
    if (browser === undefined) throw new Error('the browser is not there yet')
    const context = await browser.newContext(looks)
    contexts.push(context)
    context.setDefaultTimeout(patienceMs)
    await listenForComplaints(context, (text) => complaints.push(text))
    return context.newPage()
  }
  const worldNow = (): World => {
    if (world === undefined) throw new Error('the world is not there yet')
    return world
  }

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const executablePath = findChromium()
    if (executablePath === null) throw new Error('There is no Chromium: install one, or set CHROME_PATH.')
    browser = await chromium.launch({ executablePath, args: flags })
    world = await (options.start ?? (() => startWorld(options)))()
  })
  afterAll(async () => {
    await browser?.close()
    await world?.[Symbol.asyncDispose]()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await showFailure(contexts, join(folder, 'failed', fileNameOf(task.name)))
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    const patterns = expected.splice(0)
    const found = complaints.splice(0).filter((text) => !patterns.some((part) => text.includes(part)))
    expect(found).toEqual([])
  })

  return {
    get world() {
      return worldNow()
    },
    async phones(person, { second, dark = false } = {}) {
      const viewport = { width: second === undefined ? 620 : 960, height: 1_044 }
      const page = await open({ viewport, deviceScaleFactor: 1.5, timezoneId, colorScheme: dark ? 'dark' : 'light' })
      await page.goto(`${worldNow().sandbox.url}/?person=${person}${second === undefined ? '' : `&person2=${second}`}`)
      await see(phoneOf(page, person).getByRole('log'))
      return page
    },
    async webView(person, query, looks = {}) {
      const { sandbox, url } = worldNow()
      const { platform } = sandbox.person(person)
      const page = await open(contextOf(looks, larkAgent(looks.language ?? 'en')))
      const entry = new URLSearchParams({ person, platform, next: `${url}${h5Path}${query}` })
      await page.goto(`${sandbox.url}/phone/enter?${entry}`)
      return page
    },
    phoneBrowser: (looks = {}) => open(contextOf(looks, chromeAgent)),
    deskBrowser: ({ language = 'en', dark = false, width = 1_360 } = {}) =>
      open({
        viewport: { width, height: 900 },
        locale: browserLanguages[language],
        timezoneId,
        colorScheme: dark ? 'dark' : 'light',
      }),
    async shot(page, name) {
      shots += 1
      const path = join(folder, `${String(shots).padStart(2, '0')}-${name}.png`)
      await page.screenshot({ path, animations: 'disabled' })
    },
    expectComplaint: (part) => void expected.push(part),
  }
}

/** What everybody saw when a test failed. */
async function showFailure(contexts: readonly BrowserContext[], path: string): Promise<void> {
  for (const [index, page] of contexts.flatMap((context) => context.pages()).entries()) {
    await page.screenshot({ path: `${path}-${index}.png`, animations: 'disabled' })
  }
}

const fileNameOf = (name: string): string => name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)

function contextOf({ language = 'en', dark = false, width }: Looks, userAgent: string): BrowserContextOptions {
  return {
    ...mobile,
    viewport: { ...phoneSize, ...(width === undefined ? {} : { width }) },
    userAgent,
    locale: browserLanguages[language],
    timezoneId,
    colorScheme: dark ? 'dark' : 'light',
  }
}

function testPath(): string {
  const { testPath: path } = expect.getState()
  if (path === undefined) throw new Error('a stage belongs to a test file')
  return path
}

async function listenForComplaints(context: BrowserContext, complain: (text: string) => void): Promise<void> {
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
    console.error('stopped by the content policy: ' + event.violatedDirective + ' ' + event.blockedURI)
  })`)
  context.on('console', (message) => {
    const { url } = message.location()
    if (message.type() === 'error' && !isAnswerToTheApp(message.text(), url)) complain(`${message.text()} (${url})`)
  })
  context.on('weberror', (error) => complain(error.error().stack ?? error.error().message))
  context.on('dialog', (dialog) => {
    complain(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
}

/** The browser logs every refusal of our API; what the app makes of it, tests look at on the page. */
function isAnswerToTheApp(text: string, url: string): boolean {
  return (
    text.startsWith('Failed to load resource') && URL.canParse(url) && new URL(url).pathname.startsWith('/api/app/')
  )
}

/** Waits until the person can see it. */
export async function see(what: Locator): Promise<void> {
  await what.first().waitFor({ state: 'visible', timeout: patienceMs })
}

/** Waits until it is on the screen no more. */
export async function seeNoMore(what: Locator): Promise<void> {
  await expect.poll(() => what.filter({ visible: true }).count(), { timeout: patienceMs }).toBe(0)
}

/** Waits until `read` gives `value`. */
export async function become<Value>(read: () => Value | Promise<Value>, value: Value): Promise<void> {
  await expect.poll(read, { timeout: patienceMs }).toEqual(value)
}

export const phoneOf = (page: Page, person: string): Locator => page.locator(`.phone[data-person="${person}"]`)

/** The card with this title in the chat of a phone. */
export const cardOf = (phone: Locator, title: string): Locator => phone.locator('.lark-card').filter({ hasText: title })

/** The web view that is open on a phone. */
export const viewOf = (phone: Locator): FrameLocator => phone.locator('.web-view iframe').contentFrame()

/** The page's address without its origin. */
export function addressOf(page: Page): string {
  const { pathname, search, hash } = new URL(page.url())
  return pathname + search + hash
}

/** Every page that this browser was led to from now on. */
export function watchJourney(page: Page): string[] {
  const visited: string[] = []
  page.on('request', (request) => {
    if (request.isNavigationRequest()) visited.push(new URL(request.url()).pathname)
  })
  return visited
}
