import type { Locale } from '@countersign/contracts'
import { personLocale } from '#server/cards/compose.ts'
import type { MessageContent } from '#server/channels/messenger.ts'
import { reportDay } from '#server/coverage/daily-report.ts'
import { wordReport } from '#server/coverage/report-words.ts'
import type { ClaimedDelivery, Store } from '#server/db/stores.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import type { Settled } from './backoff.ts'

export interface ReportDeps {
  store: Store
  publicUrl: string
  /** Of the region, for people and tenants that have set none. */
  locale: Locale
  timeZone: string
}

/** A report for one administrator, in their language. */
export interface ReportToTell {
  content: Extract<MessageContent, { kind: 'report' }>
  name: string
  locale: Locale
  timeZone: string
  /** No report is told for others. */
  carried: readonly string[]
  /** Epoch milliseconds. */
  at: number
}

type Suppressed = Extract<Settled, { kind: 'suppressed' }>

/**
 * What a delivery that belongs to no ticket is to tell; or why it is told to nobody any more. `isTenants`: in the tenant's
 * name, and thus in its language.
 */
export async function findReport(
  { store, ...defaults }: ReportDeps,
  { tenantId, recipient, noticeKey, createdAt }: ClaimedDelivery,
  { isTenants = false }: { isTenants?: boolean } = {},
): Promise<ReportToTell | Suppressed> {
  const { stores } = store
  const day = reportDay(noticeKey)
  const report = day === null ? null : await stores.reports.report(tenantId, day)
  if (report === null) return suppressed('forgotten', 'the report is too old to be told')
  const [user, tenant] = await Promise.all([
    stores.directory.user(tenantId, recipient),
    stores.tenants.tenant(tenantId),
  ])
  if (user === null || user.disabled) return suppressed('user_disabled', `${recipient} is disabled or gone`)
  const locale = personLocale(isTenants ? null : user, tenant?.locale ?? null, defaults.locale)
  const link = `${defaults.publicUrl}/console/`
  return {
    content: { kind: 'report', lines: wordReport(report, createTranslator(locale)), link },
    name: user.name,
    locale,
    timeZone: user.timeZone ?? tenant?.timeZone ?? defaults.timeZone,
    carried: [],
    at: createdAt,
  }
}

function suppressed(code: string, text: string): Suppressed {
  return { kind: 'suppressed', code, text }
}
