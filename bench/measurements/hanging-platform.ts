import { z } from 'zod'
import { latencyOf } from '../figures.ts'
import type { Child } from '../processes/child.ts'
import type { MeasuredServer } from '../processes/server.ts'
import { latencyText, type Measured, ms } from '../report.ts'
import { refuseFailures } from './callbacks.ts'
import type { Setting } from './setting.ts'

/* Callbacks at a fixed rate while the platform takes every call and answers none. */

const ratePerSecond = 200
const aimP99Ms = 100

export const hangingTaps = (isQuick: boolean): number => ratePerSecond * (isQuick ? 12 : 30)

export async function measureHangingPlatform(
  { load, isQuick }: Setting,
  tapsFrom: number,
  server: MeasuredServer,
  platform: Child,
): Promise<Measured> {
  await load.prepareTaps({ from: tapsFrom, count: hangingTaps(isQuick) })
  await platform.ask('hang')
  const callsBefore = z.number().parse(await platform.ask('calls'))
  await server.sample()
  const outcome = await load.pace({ port: server.port, perSecond: ratePerSecond, expected: '"type":"success"' })
  const { loopDelayP99Ms, loopDelayMaxMs } = await server.sample()
  const hanging = z.number().parse(await platform.ask('calls')) - callsBefore
  refuseFailures('countersign', outcome)
  if (hanging === 0) throw new Error('no call to the platform was hanging: nothing was measured')
  const latency = latencyOf(outcome.latencies)
  const isMet = latency.p99 < aimP99Ms
  return {
    lines: [
      {
        what: `latency at ${ratePerSecond}/s, platform hanging`,
        figure: latencyText(latency),
        aim: `p99 < ${aimP99Ms} ms`,
        isMet,
      },
      {
        what: 'event-loop delay meanwhile',
        figure: `p99 ${ms(loopDelayP99Ms)}, max ${ms(loopDelayMaxMs)}`,
        aim: '',
        isMet: null,
      },
    ],
    details: { ratePerSecond, latency, loopDelayP99Ms, loopDelayMaxMs, hangingCalls: hanging },
  }
}
