import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hotSpots } from './hot-spots.ts'
import { startLoad } from './load/load.ts'
import { measureDisk } from './measurements/disk.ts'
import { measureLists } from './measurements/lists.ts'
import type { Setting } from './measurements/setting.ts'
import { measureSubmitToCard } from './measurements/submit-to-card.ts'
import { measureTaps } from './measurements/taps.ts'
import { type Measured, table } from './report.ts'

/*
 * `npx -y pnpm@12 bench`: everything that is promised about speed, measured in one run, as ratios within that run.
 * A missed aim is a result and no error. `--quick` takes two minutes, `--only taps|submit|list` does one part, `--profile`
 * says where the server spends its time on callbacks.
 */

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const output = fileURLToPath(new URL('../bench-output', import.meta.url))
mkdirSync(output, { recursive: true })
const folder = mkdtempSync(join(output, 'run-'))
const startedAt = new Date()

/** Something hangs that should not: better no figures than a run without end. */
const endAfterMs = 12 * 60 * 1_000
setTimeout(() => {
  console.error(`not over after ${endAfterMs / 60_000} minutes: given up`)
  process.exit(1)
}, endAfterMs).unref()
// However it ends, no gigabytes stay behind.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

{
  await using load = startLoad(folder)
  const setting: Setting = {
    folder,
    load,
    isQuick: options.quick,
    isProfiled: options.profile,
    say: (text) => console.log(text),
  }
  const parts: Record<string, () => Promise<Measured[]>> = {
    disk: async () => [measureDisk(setting)],
    taps: () => measureTaps(setting),
    submit: async () => [await measureSubmitToCard(setting)],
    list: async () => [await measureLists(setting)],
  }
  const measured: Measured[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (options.only !== undefined && options.only !== name && name !== 'disk') continue
    try {
      measured.push(...(await measure()))
    } catch (error) {
      // The other figures are still worth having.
      console.error(`${name} could not be measured:`, error)
      process.exitCode = 1
    }
  }
  const lines = measured.flatMap((each) => each.lines)
  console.log(`\n${availableParallelism()} cores, Node ${process.version}\n\n${table(lines)}\n`)
  const file = join(output, `${startedAt.toISOString().replaceAll(':', '-').slice(0, 19)}.json`)
  writeFileSync(
    file,
    JSON.stringify(
      { startedAt, node: process.version, lines, details: measured.map(({ details }) => details) },
      null,
      2,
    ),
  )
  console.log(`all figures: ${file}`)
  if (options.profile) showHotSpots(join(folder, 'taps', 'profile'), file.replace('.json', '-profile'))
}

/** Keeps the profiles of the server, and prints what cost most. */
function showHotSpots(from: string, kept: string): void {
  cpSync(from, kept, { recursive: true })
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(7)
  const lines = hotSpots(kept).slice(0, 40)
  console.log(`\n   self    total  where (profiles: ${kept})`)
  for (const { where, self, total } of lines) console.log(`${percent(self)} ${percent(total)}  ${where}`)
}
