import { join } from 'node:path'
import { sqliteFileName } from '../../apps/server/src/db/open.ts'
import { startChild } from '../processes/child.ts'
import { startMeasuredServer } from '../processes/server.ts'
import type { Measured } from '../report.ts'
import { seedDatabase } from '../world/seeding.ts'
import { callbackPlan, countDecisions, measureCallbacks, portOf, tapsNeeded } from './callbacks.ts'
import { hangingTaps, measureHangingPlatform } from './hanging-platform.ts'
import type { Setting } from './setting.ts'

/** Both measurements that decide tickets, on one server and database; afterwards every answered decision is looked for. */
export async function measureTaps(setting: Setting): Promise<Measured[]> {
  const { load, isQuick, say } = setting
  const folder = join(setting.folder, 'taps')
  const plan = callbackPlan(isQuick)
  const tickets = tapsNeeded(plan) + hangingTaps(isQuick)
  await using platform = startChild({ name: 'platform', file: 'processes/platform.ts', folder: setting.folder })
  const larkUrl = `http://127.0.0.1:${await portOf(platform)}`
  const taps = join(setting.folder, 'taps.ndjson')
  say(`submitting ${tickets} tickets to decide on`)
  await seedDatabase({ folder, larkUrl, tickets, taps })
  await load.loadTaps(taps)
  const measured: Measured[] = []
  let decided: number
  {
    await using server = await startMeasuredServer({ name: 'server', folder, larkUrl, profiled: setting.isProfiled })
    say('callbacks per second, durable, against bare Express and the SDK in memory')
    const callbacks = await measureCallbacks(setting, plan, server)
    decided = callbacks.decided + hangingTaps(isQuick)
    measured.push(callbacks)
    say('latency at a fixed rate while the platform hangs')
    measured.push(await measureHangingPlatform(setting, callbacks.decided, server, platform))
  }
  const stored = countDecisions(join(folder, sqliteFileName))
  if (stored !== decided) throw new Error(`${decided} decisions were answered and ${stored} are stored`)
  return measured
}
