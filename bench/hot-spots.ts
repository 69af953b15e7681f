import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/* Reads V8's CPU profiles: where the server spends its time, by function. */

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).default([]),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})
type Profile = z.infer<typeof Profile>

/** Shares of the time in which the process did anything at all. */
export interface HotSpot {
  where: string
  self: number
  /** With all that it called. */
  total: number
}

const idle = new Set(['(idle)', '(program)', '(root)'])
/** Samples are a millisecond apart; where none was taken for so long, the process was paused for another to be measured. */
const longestSampleMicros = 200_000
const root = fileURLToPath(new URL('../', import.meta.url))

/** Every function of the profiles in a folder, the most expensive first. */
export function hotSpots(folder: string): HotSpot[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  const selfTimes = new Map<string, number>()
  const totalTimes = new Map<string, number>()
  let busy = 0
  for (const file of files) {
    const profile = Profile.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    busy += addTimes(profile, selfTimes, totalTimes)
  }
  return [...totalTimes]
    .map(([where, total]) => ({ where, self: (selfTimes.get(where) ?? 0) / busy, total: total / busy }))
    .sort((a, b) => b.self - a.self)
}

function addTimes(profile: Profile, selfTimes: Map<string, number>, totalTimes: Map<string, number>): number {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const parents = new Map(profile.nodes.flatMap(({ id, children }) => children.map((child) => [child, id] as const)))
  let busy = 0
  profile.samples.forEach((id, index) => {
    const micros = profile.timeDeltas[index] ?? 0
    const own = names.get(id) ?? ''
    if (idle.has(own) || micros > longestSampleMicros) return
    busy += micros
    selfTimes.set(own, (selfTimes.get(own) ?? 0) + micros)
    const stack = new Set<string>()
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.add(names.get(at) ?? '')
    for (const name of stack) totalTimes.set(name, (totalTimes.get(name) ?? 0) + micros)
  })
  return busy
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  const short = path.replace(root, '').replace(/^.*node_modules\/(?!\.pnpm)/, '')
  return `${functionName || '(anonymous)'} ${short}:${lineNumber + 1}`
}
