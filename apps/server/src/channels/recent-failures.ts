import type { RecentDelivery } from '#server/db/stores.ts'
import type { Examination, Finding } from './finding.ts'
import { sharedPhrases as say } from './finding-phrases.ts'

/** What failed alike: the same place, the same code. */
export interface FailedAlike {
  /** Where the channel has several, such as the hosts of web hooks. */
  place: string | null
  code: string
  /** The platform's words to the newest of them. */
  text: string
  count: number
  people: string[]
}

const groupsAtMost = 6
const namesAtMost = 10
const textAtMost = 160

/** `placeOf` names where a person's messages go; it is shown, and must give access to nothing. */
export function groupFailures(
  recent: readonly RecentDelivery[],
  placeOf: (recipient: string) => string | null = () => null,
): FailedAlike[] {
  const groups = new Map<string, FailedAlike>()
  for (const { recipient, code, text } of recent.filter(({ isFailing }) => isFailing)) {
    const place = placeOf(recipient)
    const key = JSON.stringify([place, code])
    const group = groups.get(key) ?? { place, code, text, count: 0, people: [] }
    group.count += 1
    if (!group.people.includes(recipient)) group.people.push(recipient)
    groups.set(key, group)
  }
  return [...groups.values()].sort((one, other) => other.count - one.count)
}

/** What became of the newest deliveries, the failures in the words of whoever refused them. */
export function examineRecent(
  { recentDeliveries }: Pick<Examination, 'recentDeliveries'>,
  placeOf?: (recipient: string) => string | null,
): Finding {
  const id = 'recent_deliveries'
  const tried = recentDeliveries.filter(({ state }) => state !== 'suppressed')
  if (tried.length === 0) return { id, status: 'unknown', evidence: say('nothingSent'), fix: say('sendTest') }
  const groups = groupFailures(tried, placeOf)
  const [first] = groups
  const count = tried.length
  if (first === undefined) return { id, status: 'ok', evidence: say('allArrived', { count }) }
  const failed = tried.filter(({ isFailing }) => isFailing).length
  const failures = groups.slice(0, groupsAtMost).map(describe).join(' · ')
  return {
    id,
    status: failed === count ? 'failed' : 'warning',
    evidence: say('someFailed', {
      count,
      failed,
      failures: groups.length > groupsAtMost ? `${failures} · …` : failures,
    }),
    code: first.code,
    fix: say('lookAtDeliveries'),
  }
}

function describe({ place, code, text, count, people }: FailedAlike): string {
  const names = people.slice(0, namesAtMost).join(', ')
  const whom = people.length > namesAtMost ? `${names}, …` : names
  const where = place === null ? '' : `${place}: `
  return `${where}${code} ×${count} (${whom}): ${text.replace(/\s+/g, ' ').slice(0, textAtMost)}`
}
