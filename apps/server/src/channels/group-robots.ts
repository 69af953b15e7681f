import { createHash } from 'node:crypto'
import type { Examination, Finding } from './finding.ts'
import { groupRobotPhrases as say } from './group-robot-phrases.ts'
import { groupFailures } from './recent-failures.ts'

const shownLength = 6

/** Tells a robot from others without giving its address away. */
export function robotName(url: string): string {
  return `robot ${createHash('sha256').update(url).digest('hex').slice(0, shownLength)}`
}

/** The robots that people have, each once, by what they are called here. */
export function robotsOf(
  { addresses }: Pick<Examination, 'addresses'>,
  urlOf: (address: unknown) => string,
): Map<string, Set<string>> {
  const robots = new Map<string, Set<string>>()
  for (const { uid, address } of addresses) {
    const name = robotName(urlOf(address))
    robots.set(name, (robots.get(name) ?? new Set()).add(uid))
  }
  return robots
}

/**
 * Whether the robots are there: no platform has a call that tells, so what they said to the newest messages does. `goneCodes`
 * say that a robot, its group or its address is no more, or was switched off.
 */
export function examineRobots(
  examination: Examination,
  { urlOf, goneCodes }: { urlOf: (address: unknown) => string; goneCodes: ReadonlySet<string> },
): Finding {
  const id = 'group_robots'
  const robots = robotsOf(examination, urlOf)
  const count = robots.size
  if (count === 0) return { id, status: 'unknown', evidence: say('noRobots') }
  const { recentDeliveries } = examination
  const gone: string[] = []
  let took = 0
  for (const [name, people] of robots) {
    const own = recentDeliveries.filter(({ recipient }) => people.has(recipient))
    const failure = groupFailures(own).find(({ code }) => goneCodes.has(code))
    if (failure !== undefined) gone.push(`${name} (${[...people].join(', ')}): ${failure.code} ${failure.text}`)
    else if (own.some(({ state }) => state === 'sent')) took += 1
  }
  if (gone.length > 0) {
    const evidence = say('robotsGone', { gone: gone.length, count, robots: gone.join(' · ') })
    return { id, status: 'failed', evidence, fix: say('addAnew') }
  }
  if (took === count) return { id, status: 'ok', evidence: say('robotsAllTook', { count }) }
  return { id, status: 'unknown', evidence: say('robotsTook', { took, count }), fix: say('sendTest') }
}
