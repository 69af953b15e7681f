import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

/** What one load showed. Times in milliseconds from the start of the navigation. */
export interface Load {
  firstPaintMs: number
  firstRowMs: number
  layoutShift: number
  /** Everything fetched until the first row, the page among it. */
  requests: number
}
export interface PageUnderTest {
  url: string
  cookies: { name: string; value: string }[]
  executablePath: string
}

/** Slow 4G as Lighthouse has it, and a phone of the middle range. */
const network = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 }
const cpuSlowdown = 4
const userAgent =
  'Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36'
const launchArgs = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** In the page: notes when the first row of real data was painted, and every shift of the layout. */
const watcher = `
  window.__seen = { row: 0, shift: 0 }
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__seen.shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  new MutationObserver((_, observer) => {
    if (!document.querySelector('a.row, .van-cell.row')) return
    observer.disconnect()
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => { window.__seen.row = performance.now() }
      channel.port2.postMessage(0)
    })
  }).observe(document, { childList: true, subtree: true })
`

async function load(context: BrowserContext, page: PageUnderTest): Promise<Load> {
  const tab = await context.newPage()
  const session = await context.newCDPSession(tab)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', network)
  await session.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown })
  await tab.addInitScript(watcher)
  await tab.goto(page.url, { waitUntil: 'commit' })
  await tab.waitForFunction('window.__seen && window.__seen.row > 0', undefined, {
    timeout: 30_000,
    // Seldom: asking in every frame would be work of the page, at a quarter of the speed.
    polling: 250,
  })
  // What comes after the first row may still shift it.
  await tab.waitForLoadState('networkidle')
  const seen = await tab.evaluate(`(() => {
    const row = window.__seen.row
    const paint = performance.getEntriesByName('first-contentful-paint')[0]
    const before = performance.getEntriesByType('resource').filter((entry) => entry.startTime < row && entry.responseEnd <= row)
    return [paint ? paint.startTime : row, row, window.__seen.shift, before.length + 1]
  })()`)
  await tab.close()
  const [firstPaintMs = 0, firstRowMs = 0, layoutShift = 0, requests = 0] = Array.isArray(seen) ? seen.map(Number) : []
  return { firstPaintMs, firstRowMs, layoutShift, requests }
}

/** Loads the page cold in a new profile, and then once more warm. */
export async function loadTwice(page: PageUnderTest): Promise<{ cold: Load; warm: Load }> {
  const profile = await mkdtemp(join(tmpdir(), 'countersign-load-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: page.executablePath,
    args: launchArgs,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 3,
    isMobile: true,
    hasTouch: true,
    userAgent,
  })
  try {
    await context.addCookies(page.cookies.map((cookie) => ({ ...cookie, url: new URL(page.url).origin })))
    return { cold: await load(context, page), warm: await load(context, page) }
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
}

/**
 * What several loads come to: the fastest, since whatever else a machine does only ever adds; of shifts and requests the
 * most.
 */
export function bestOf(loads: Load[]): Load {
  return {
    firstPaintMs: Math.min(...loads.map((load) => load.firstPaintMs)),
    firstRowMs: Math.min(...loads.map((load) => load.firstRowMs)),
    layoutShift: Math.max(...loads.map((load) => load.layoutShift)),
    requests: Math.max(...loads.map((load) => load.requests)),
  }
}
