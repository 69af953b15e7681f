import type { z } from 'zod'
import type { DingtalkClient } from './client.ts'
import { BETWEEN_CALLS_MS, pacer } from './pace.ts'
import { MemberPage, SubDepartments } from './wire.ts'

/** Members by job number, read from the organisation department by department since there is no call that finds them. */
export interface MemberIndex {
  /** The only member with this job number; null where there is none, or more than one. */
  find(jobNumber: string): Promise<string | null>
  isAmbiguous(jobNumber: string): Promise<boolean>
}

const ROOT_DEPARTMENT = 1
/** The most that the platform gives at once. */
const PAGE_SIZE = 100
/** New members are found after this time; somebody who is missing starts a new reading, but not more often. */
const FRESH_MS = 10 * 60 * 1_000
const RETRY_MISSING_MS = 60 * 1_000

type Index = Map<string, Set<string>>

export function createMemberIndex(
  client: DingtalkClient,
  now: () => number,
  betweenCallsMs = BETWEEN_CALLS_MS,
): MemberIndex {
  let kept: { index: Index; readAt: number } | null = null
  let reading: Promise<Index> | null = null

  const read = (): Promise<Index> => {
    reading ??= readMembers(client, betweenCallsMs)
      .then((index) => {
        kept = { index, readAt: now() }
        return index
      })
      .finally(() => {
        reading = null
      })
    return reading
  }
  const current = async (jobNumber: string): Promise<Index> => {
    const ageMs = kept === null ? Number.POSITIVE_INFINITY : now() - kept.readAt
    const isGoodEnough = ageMs < RETRY_MISSING_MS || (ageMs < FRESH_MS && kept?.index.has(jobNumber) === true)
    return kept !== null && isGoodEnough ? kept.index : read()
  }
  const holders = async (jobNumber: string): Promise<Set<string>> =>
    (await current(jobNumber)).get(jobNumber) ?? new Set()

  return {
    async find(jobNumber) {
      const found = await holders(jobNumber)
      const [only] = found
      return found.size === 1 ? (only ?? null) : null
    },
    isAmbiguous: async (jobNumber) => (await holders(jobNumber)).size > 1,
  }
}

async function readMembers(client: DingtalkClient, betweenCallsMs: number): Promise<Index> {
  const index: Index = new Map()
  const pace = pacer(betweenCallsMs)
  const departments = [ROOT_DEPARTMENT]
  const seen = new Set(departments)
  for (let department = departments.shift(); department !== undefined; department = departments.shift()) {
    await pace()
    const api = '/topapi/v2/department/listsubid'
    const { result } = await client.callOld({ api, body: { dept_id: department }, answer: SubDepartments })
    for (const child of result.dept_id_list ?? []) {
      if (!seen.has(child)) departments.push(child)
      seen.add(child)
    }
    await readDepartment(client, department, index, pace)
  }
  return index
}

async function readDepartment(
  client: DingtalkClient,
  department: number,
  index: Index,
  pace: () => Promise<void>,
): Promise<void> {
  let cursor: number | null = 0
  while (cursor !== null) {
    await pace()
    const body: object = { dept_id: department, cursor, size: PAGE_SIZE }
    const page: z.infer<typeof MemberPage> = await client.callOld({
      api: '/topapi/v2/user/list',
      body,
      answer: MemberPage,
    })
    const { result } = page
    for (const { userid, job_number: jobNumber } of result.list ?? []) {
      if (jobNumber === undefined || jobNumber === null || jobNumber === '') continue
      index.set(jobNumber, (index.get(jobNumber) ?? new Set()).add(userid))
    }
    // A page that does not go on would be read for ever.
    const next: number | null = result.has_more ? (result.next_cursor ?? null) : null
    cursor = next !== null && next > cursor ? next : null
  }
}
