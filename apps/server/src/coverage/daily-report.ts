import type { Store, Tenant } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { countStuck } from '#server/reroute/count-stuck.ts'
import { localTime } from './local-time.ts'
import type { CoverageReport } from './report.ts'
import { survey } from './survey.ts'

export interface DailyReportDeps {
  store: Store
  /** Of the region, for tenants that have set none. */
  timeZone: string
  now: () => number
  /** Called after a commit that has queued deliveries. */
  committed: () => void
  log: Pick<Log, 'info' | 'warn'>
}

/** Told from this hour on, in the tenant's time zone. */
const tellFromHour = 8
const lookEveryMs = 60_000

export interface DailyReports extends AsyncDisposable {
  start(): void
  /** Tells the administrators of every tenant whose day has come, once. */
  runDue(): Promise<void>
}

/**
 * Tells administrators once a day who cannot be told of tickets, who can again, and how many tickets nobody can complete. Any number of instances may look:
 * the row of the day, written with the deliveries, lets one of them tell.
 */
export function createDailyReports(deps: DailyReportDeps): DailyReports {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  const runDue = async (): Promise<void> => {
    for (const tenant of await deps.store.stores.tenants.tenants()) await runTenant(deps, tenant)
  }
  const look = (): void => {
    running ??= runDue()
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, 'could not see who cannot be told; trying again in a minute')
      })
      .finally(() => {
        running = null
      })
  }
  return {
    start() {
      timer ??= setInterval(look, lookEveryMs).unref()
    },
    runDue,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}

async function runTenant(deps: DailyReportDeps, { id: tenantId, timeZone, coverageReport }: Tenant): Promise<void> {
  if (!coverageReport) return
  const at = deps.now()
  const { day, hour } = localTime(at, timeZone ?? deps.timeZone)
  if (hour < tellFromHour) return
  const { stores } = deps.store
  const before = await stores.reports.latest(tenantId)
  if (before !== null && before.day >= day) return
  const report = await reportOf(deps, tenantId, before?.report ?? null, at)
  const isNews = report.unreachable.length > 0 || report.recovered.length > 0 || report.stuck !== undefined
  const isOurs = await deps.store.run(async (tx) => {
    if (!(await tx.reports.keep(tenantId, { day, report }, at))) return false
    const recipients = isNews ? await tx.reports.administrators(tenantId) : []
    await tx.notices.announceReport({ tenantId, key: reportKey(day), recipients, at })
    return true
  })
  if (!isOurs || !isNews) return
  deps.log.info({ tenantId, day, unreachable: report.unreachable.length }, 'administrators are told who cannot be told')
  deps.committed()
}

async function reportOf(
  { store }: DailyReportDeps,
  tenantId: string,
  before: CoverageReport | null,
  at: number,
): Promise<CoverageReport> {
  const { unreachable, reachable } = await survey(store.stores, tenantId, at)
  const recovered = (before?.unreachable ?? []).filter(({ uid }) => reachable.has(uid))
  const stuck = await countStuck(store.stores, tenantId)
  const told = { unreachable, recovered: recovered.map(({ uid, name }) => ({ uid, name })) }
  return stuck === 0 ? told : { ...told, stuck }
}

const keyPrefix = 'coverage:'

function reportKey(day: string): string {
  return `${keyPrefix}${day}`
}

/** The day of the report that a delivery tells; null when it is none of ours. */
export function reportDay(noticeKey: string): string | null {
  return noticeKey.startsWith(keyPrefix) ? noticeKey.slice(keyPrefix.length) : null
}
