import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../figures.ts'
import { type Measured, ms } from '../report.ts'
import type { Setting } from './setting.ts'

const writes = 100
/** What SQLite appends for a small transaction. */
const bytes = 16 * 1_024

/** What durability costs on this disk: a disk that answers in no time has not written anything. */
export function measureDisk({ folder }: Setting): Measured {
  const path = join(folder, 'disk')
  const file = openSync(path, 'w')
  const times: number[] = []
  for (let n = 0; n < writes; n += 1) {
    writeSync(file, Buffer.alloc(bytes, n), 0, bytes, n * bytes)
    const startedAt = performance.now()
    fdatasyncSync(file)
    times.push(performance.now() - startedAt)
  }
  closeSync(file)
  rmSync(path)
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
  const figure = `p50 ${ms(p50)}, p99 ${ms(p99)}`
  return { lines: [{ what: 'one fsync on this disk', figure, aim: '', isMet: null }], details: { fsync: { p50, p99 } } }
}
