import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serveBuild } from '../dev/serve.ts'
import { bestOf, type Load, loadTwice } from './measure.ts'

const folder = join(import.meta.dirname, '..')
/** What the performance notes give the stand-in API. */
const delays = { listMs: 60, loginMs: 120 }

export interface Comparison {
  app: { cold: Load; warm: Load }
  baseline: { cold: Load; warm: Load }
  /** Of the app to the baseline; below 1 the app is faster. */
  ratios: { firstPaint: number; firstRow: number; warmFirstRow: number }
}

async function buildInto(config: string, outDir: string): Promise<void> {
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js')
  // A test runner's own NODE_ENV would make development builds of it.
  // biome-ignore lint/style/noProcessEnv: handed on to the build as it is.
  const env = { ...process.env, NODE_ENV: 'production' }
  const args = [vite, 'build', '--config', config, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error']
  await promisify(execFile)(process.execPath, args, { cwd: folder, env })
}

const builds = [
  { config: 'vite.config.ts', outDir: join(folder, 'test-output/app'), encoding: 'br', cacheSeconds: 60 },
  {
    config: 'baseline/vite.config.ts',
    outDir: join(folder, 'test-output/baseline'),
    encoding: 'gzip',
    cacheSeconds: 0,
  },
] as const
const cookies = [
  { name: 'person', value: 'wei' },
  { name: 'locale', value: 'en' },
]

/**
 * Builds the app and the baseline, and loads both on a slow network with a slow processor. They take turns, so that
 * whatever else the machine does slows both.
 */
export async function compareWithBaseline(options: { executablePath: string; times: number }): Promise<Comparison> {
  const runs: { url: string; loads: { cold: Load; warm: Load }[] }[] = []
  const servers: { close: () => Promise<void> }[] = []
  try {
    for (const build of builds) {
      await buildInto(build.config, build.outDir)
      const server = await serveBuild({ root: build.outDir, port: 0, withPolicy: false, delays, ...build })
      servers.push(server)
      runs.push({ url: `${server.origin}/console/mobile/index/`, loads: [] })
    }
    for (let time = 0; time < options.times; time += 1) {
      for (const { url, loads } of runs) {
        loads.push(await loadTwice({ url, cookies, executablePath: options.executablePath }))
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
  const [app, baseline] = runs.map(({ loads }) => ({
    cold: bestOf(loads.map(({ cold }) => cold)),
    warm: bestOf(loads.map(({ warm }) => warm)),
  }))
  if (app === undefined || baseline === undefined) throw new Error('A build was not measured.')
  return {
    app,
    baseline,
    ratios: {
      firstPaint: app.cold.firstPaintMs / baseline.cold.firstPaintMs,
      firstRow: app.cold.firstRowMs / baseline.cold.firstRowMs,
      warmFirstRow: app.warm.firstRowMs / baseline.warm.firstRowMs,
    },
  }
}
