import type { DoctorReport, FindingStatus, FindingView, Locale } from '@countersign/contracts'
import { type Finding, type FindingPlace, fixFor } from '#server/channels/finding.ts'
import { titleOf } from '#server/channels/finding-titles.ts'
import type { Diagnosis } from './doctor.ts'

/** Where a report is read, and in which language. */
export interface Reader {
  locale: Locale
  place: FindingPlace
}

const worstFirst: readonly FindingStatus[] = ['failed', 'warning', 'unknown', 'ok']

/** What was found, in a language. */
export function reportOf({ channel, at, findings, isComplete }: Diagnosis, reader: Reader): DoctorReport {
  const needed = findings.filter(({ optional }) => optional !== true)
  const status = worstFirst.find((each) => needed.some((finding) => finding.status === each)) ?? 'ok'
  return {
    channel,
    at: new Date(at).toISOString(),
    // What was not looked at may be wrong.
    status: isComplete || status !== 'ok' ? status : 'unknown',
    isComplete,
    findings: findings.map((finding) => viewFinding(finding, reader)),
  }
}

/** One thing that was found, in a language. */
export function viewFinding(finding: Finding, { locale, place }: Reader): FindingView {
  const { id, status, optional = false, evidence, code, fix, link } = finding
  return {
    id,
    title: titleOf(id)(locale),
    status,
    optional,
    evidence: evidence(locale),
    code: code ?? null,
    fix: fix === undefined ? null : fixFor(fix, place)(locale),
    link: link ?? null,
  }
}
