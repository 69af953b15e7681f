import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureChromium } from './chromium.ts'
import { build, desktopConsole, h5, phones } from './front-end.ts'
import { foldersWithScript, root, run, runScript } from './workspace.ts'

/*
 * Everything that CI runs: format and lint, types, builds, then every test, those in a real browser included. Goes on after
 * a failure, so that one run shows all. With arguments, only the tests that they name: `pnpm test tests/wire`.
 */

interface Step {
  name: string
  seconds: number
  /** Null: it passed. */
  problem: string | null
}

interface Counts {
  passed: number
  failed: number
}

const filters = process.argv.slice(2).filter((argument) => argument !== '--')
const report = join(root, 'test-output', 'vitest.json')
const steps: Step[] = []

async function step(name: string, work: () => Promise<string | null>): Promise<void> {
  console.log(`\n── ${name}`)
  const startedAt = performance.now()
  const problem = await work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  steps.push({ name, seconds: (performance.now() - startedAt) / 1_000, problem })
}

const ended = (code: number): string | null => (code === 0 ? null : `exit code ${code}`)

async function inEach(script: string): Promise<string | null> {
  for (const folder of foldersWithScript(script)) {
    const code = await runScript(folder, script)
    if (code !== 0) return `${folder}: exit code ${code}`
  }
  return null
}

/** Tests that vitest counted. A file that could not even be loaded, or an error outside any test, is one failure. */
function countTests(exitCode: number): Counts {
  const { numPassedTests, testResults }: { numPassedTests: number; testResults: TestFile[] } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  const failed = testResults.map(({ status, assertionResults }) => {
    const tests = assertionResults.filter((result) => result.status === 'failed').length
    return status === 'failed' ? Math.max(tests, 1) : tests
  })
  const sum = failed.reduce((total, count) => total + count, 0)
  return { passed: numPassedTests, failed: exitCode === 0 ? sum : Math.max(sum, 1) }
}

interface TestFile {
  status: string
  assertionResults: { status: string }[]
}

async function runTests(): Promise<Counts> {
  rmSync(report, { force: true })
  mkdirSync(join(root, 'test-output'), { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run('vitest', ['run', ...reporters, ...filters], { variables: { NO_COLOR: '1' } })
  return countTests(code)
}

if (filters.length === 0) {
  await step('Chromium', async () => {
    process.env.CHROME_PATH = await ensureChromium()
    console.log(process.env.CHROME_PATH)
    return null
  })
  await step('format and lint', async () => ended(await run('biome', ['ci', '--colors=off', '.'])))
  await step('types', async () => ended(await run('tsc', ['-p', 'tsconfig.json'])) ?? (await inEach('typecheck')))
  await step('builds', async () => {
    await build(h5)
    await build(desktopConsole)
    await build(phones)
    return null
  })
}
const counts: Counts = { passed: 0, failed: 0 }
await step('tests', async () => {
  Object.assign(counts, await runTests())
  return counts.failed === 0 ? null : `${counts.failed} failed`
})

console.log('\n── summary')
for (const { name, seconds, problem } of steps)
  console.log(
    `${problem === null ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(0)} s)${problem === null ? '' : `: ${problem}`}`,
  )
// A check that failed is a failure like a test that did.
const otherFailures = steps.filter(({ name, problem }) => problem !== null && (name !== 'tests' || counts.failed === 0))
const failed = counts.failed + otherFailures.length
console.log(`${counts.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
