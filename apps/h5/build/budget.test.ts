import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SizeReport } from './size-report.ts'

const root = join(import.meta.dirname, '..')
const outDir = 'test-output/budget'
const dist = join(root, outDir)

/** kB as the performance notes count them: 1,000 bytes, brotli 11. */
const kB = 1_000

let report: SizeReport
let html = ''

beforeAll(async () => {
  // In a process of its own: beside a test runner, libraries take themselves to be under development.
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js')
  const options = { cwd: root, env: { ...process.env, NODE_ENV: 'production' } }
  await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', outDir, '--logLevel', 'error'], options)
  report = JSON.parse(readFileSync(join(dist, 'size-report.json'), 'utf8'))
  html = readFileSync(join(dist, 'index.html'), 'utf8')
}, 60_000)

describe('the first load', () => {
  it('has at most 60 kB of JavaScript, the catalogue of any language among it', () => {
    const script = report.initialJs.reduce((sum, file) => sum + file.brotli, 0)
    const catalogues = Object.values(report.locales).map((file) => file.brotli)
    expect(catalogues).toHaveLength(6)
    expect(script).toBeGreaterThan(10 * kB)
    expect(script + Math.max(...catalogues)).toBeLessThanOrEqual(60 * kB)
  })

  it('has HTML of at most 8 kB with all of the first style in it', () => {
    expect(report.html.brotli).toBeLessThanOrEqual(8 * kB)
    expect(html).toContain('.row-title')
    expect(html).toContain('.ticket-head')
  })

  it('waits for no style sheet, font or image', () => {
    expect(report.blocking).toEqual([])
    expect(html).not.toMatch(/rel="?stylesheet|@font-face|@import/)
  })

  it('takes four requests: the page, its script, its language and its data', () => {
    expect(report.initialJs).toHaveLength(1)
  })

  it('carries nothing that only chat apps, forms or later pages need', () => {
    const script = readFileSync(join(dist, report.initialJs[0]?.file ?? ''), 'utf8')
    expect(script).not.toMatch(/h5sdk|requestAccess|van-popup|AxiosError|ZodError/)
  })
})

describe('what loads later', () => {
  it('comes in parts of at most 20 kB', () => {
    const tooLarge = Object.values(report.lazy).filter((file) => file.brotli > 20 * kB)
    expect(tooLarge).toEqual([])
  })

  it('is the ticket page in one file', () => {
    const names = /"?ticketPage"?:\[([^\]]*)\]/.exec(html)?.[1] ?? ''
    expect(names).toMatch(/assets\/ticket-/)
  })
})

describe('the page', () => {
  it('obeys a policy without inline handlers, style attributes or evaluated code', () => {
    expect(html).not.toMatch(/\son\w+=|\sstyle=/)
    const scripts = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'))
    const evaluating = scripts.filter((name) =>
      /\beval\(|new Function\(/.test(readFileSync(join(dist, 'assets', name), 'utf8')),
    )
    expect(evaluating).toEqual([])
  })

  it('lies beside itself as brotli and gzip, byte for byte', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(html|js|css)$/.test(name),
    )
    expect(files.length).toBeGreaterThan(10)
    for (const name of files) {
      const bytes = readFileSync(join(dist, name))
      expect(brotliDecompressSync(readFileSync(join(dist, `${name}.br`))).equals(bytes), name).toBe(true)
      expect(gunzipSync(readFileSync(join(dist, `${name}.gz`))).equals(bytes), name).toBe(true)
    }
  })

  it('has two inline blocks that are the same for everybody', () => {
    expect(html.match(/<script>/g)).toHaveLength(1)
    expect(html.match(/<style>/g)).toHaveLength(1)
  })
})
