import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { answerParent } from './answering.ts'

/*
 * Loaded into every measured process before its own code (`--import`), so that all are measured by the same means.
 */

/** CPU in milliseconds since the process began, of all its threads; event-loop delay since the question before. */
export const Sample = z.object({
  rssBytes: z.number(),
  cpuMs: z.number(),
  loopDelayP99Ms: z.number(),
  loopDelayMaxMs: z.number(),
})
export type Sample = z.infer<typeof Sample>

if (process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  answerParent({
    sample(): Sample {
      const { user, system } = process.cpuUsage()
      const sample = {
        rssBytes: process.memoryUsage.rss(),
        cpuMs: (user + system) / 1_000,
        loopDelayP99Ms: delay.percentile(99) / 1e6,
        loopDelayMaxMs: delay.max / 1e6,
      }
      delay.reset()
      return sample
    },
  })
  // To be measured is no reason to live on; and nothing outlives the bench.
  process.on('disconnect', () => process.exit())
  process.channel?.unref()
}
