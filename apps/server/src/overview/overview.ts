import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Overview, type OverviewQuery, type TenantId, waitingAges } from '@countersign/contracts'
import type { OverviewScope, TimedDecision } from '#server/db/overview-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { daysUntil, flowByDay } from './days.ts'
import { deliveriesByChannel } from './deliveries.ts'
import { hasteOf } from './haste.ts'
import { paceOf } from './pace.ts'

/** What is looked at row by row: more would hold up the callbacks that are answered in the same thread. */
const mostRows = 10_000
/** Of whose deliveries that failed the last answer is read. */
const mostFailures = 1_000
/** Longer lists are read by nobody; the console's lists have the rest. */
const mostPeople = 15
const mostNodes = 10
const mostFailureCodes = 8

const hourMs = 60 * 60_000
/** The upper ends of `waitingAges` but the last. */
const ageBounds = [hourMs, 24 * hourMs, 72 * hourMs, 168 * hourMs]

export interface OverviewDeps {
  stores: Stores
  /** Of the region, for a tenant that has set none. */
  timeZone: string
  now: number
}

/** People by their uid, their names are put in by whoever shows it. */
export type NamelessOverview = Omit<Overview, 'waiting' | 'people'> & {
  waiting: Omit<Overview['waiting'], 'people'> & { people: { uid: string; count: number; since: string }[] }
  people: (Omit<Overview['people'][number], 'person'> & { uid: string })[]
}

/** Figures about what waits, what was decided and what was sent in a tenant. */
export async function overviewOf(
  deps: OverviewDeps,
  tenantId: TenantId,
  { days: count, module }: OverviewQuery,
): Promise<NamelessOverview> {
  const { stores, now } = deps
  const tenant = await stores.tenants.tenant(tenantId)
  const timeZone = tenant?.timeZone ?? deps.timeZone
  const { days, since } = daysUntil(now, count, timeZone)
  const scope: OverviewScope = { tenantId, since, module }
  const store = stores.overview
  // One after the other, with a turn between: SQLite reads in the thread that answers callbacks.
  const waiting = await waitingOf(deps, scope)
  await nextTurn()
  const submitted = await store.submittedBySlot(scope)
  const ended = await store.settledBySlot(scope)
  await nextTurn()
  const settled = await store.settled(scope, mostRows)
  await nextTurn()
  const decisions = await store.decisions(scope, mostRows)
  await nextTurn()
  const deliveries = await store.deliveries(scope, mostRows)
  const failed = deliveries.filter(({ state }) => state === 'failed').map(({ id }) => id)
  const failures = await store.lastAnswers(tenantId, failed.slice(0, mostFailures))
  return {
    at: new Date(now).toISOString(),
    timeZone,
    waiting,
    days: flowByDay(days, { submitted, ended, settled }, timeZone),
    settled: {
      count: ended.reduce((sum, row) => (['approved', 'rejected'].includes(row.status) ? sum + row.count : sum), 0),
      ...paceOf(settled.map(({ createdAt, decidedAt }) => decidedAt - createdAt)),
    },
    nodes: nodesOf(decisions),
    people: peopleOf(decisions),
    channels: deliveriesByChannel(deliveries),
    failures: failures.slice(0, mostFailureCodes),
    partial: [
      ...(settled.length === mostRows ? (['settled'] as const) : []),
      ...(decisions.length === mostRows ? (['decisions'] as const) : []),
      ...(deliveries.length === mostRows || failed.length > mostFailures ? (['deliveries'] as const) : []),
    ],
  }
}

async function waitingOf({ stores, now }: OverviewDeps, scope: OverviewScope): Promise<NamelessOverview['waiting']> {
  const modules = await stores.overview.pendingByModule(scope, now)
  const counts = await stores.overview.pendingByAge(
    scope,
    ageBounds.map((age) => now - age),
  )
  const people = await stores.overview.pendingByPerson(scope, mostPeople)
  const oldest = modules.map(({ oldestAt }) => oldestAt)
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
  return {
    total: sum(modules.map((one) => one.count)),
    overdue: sum(modules.map((one) => one.overdue)),
    oldestAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)).toISOString(),
    ages: waitingAges.map((age, index) => ({ age, count: counts[index] ?? 0 })),
    modules: modules.map((one) => ({ module: one.module, count: one.count })),
    people: people.map(({ uid, count, since }) => ({ uid, count, since: new Date(since).toISOString() })),
  }
}

const tookMs = ({ at, beganAt }: TimedDecision): number => at - beganAt

/** The slowest first. */
function nodesOf(decisions: readonly TimedDecision[]): Overview['nodes'] {
  const groups = Map.groupBy(decisions, ({ module, nodeName }) => JSON.stringify([module, nodeName]))
  return [...groups.values()]
    .flatMap((own) => {
      const [first] = own
      if (first === undefined) return []
      return [{ module: first.module, name: first.nodeName, decisions: own.length, ...paceOf(own.map(tookMs)) }]
    })
    .sort((a, b) => (b.medianMs ?? 0) - (a.medianMs ?? 0))
    .slice(0, mostNodes)
}

/** Rubber stamps first, then whoever decides most. */
function peopleOf(decisions: readonly TimedDecision[]): NamelessOverview['people'] {
  return [...Map.groupBy(decisions, ({ uid }) => uid)]
    .map(([uid, own]) => {
      const approved = own.filter(({ action }) => action === 'approve').length
      return { uid, approved, rejected: own.length - approved, ...paceOf(own.map(tookMs)), ...hasteOf(own) }
    })
    .sort(
      (a, b) =>
        Number(b.isRubberStamp) - Number(a.isRubberStamp) || b.approved + b.rejected - (a.approved + a.rejected),
    )
    .slice(0, mostPeople)
}
