import type { Coverage, CoverageProblem } from '@countersign/contracts'
import { formatChannel, formatNumber } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'

/** Why somebody is not told, or not through one of the channels. */
export function problemText({ channel, reason, code }: CoverageProblem): string {
  const why = t(`unreachable.${reason}`)
  const said = code === null ? why : `${why} (${code})`
  return channel === null ? said : `${formatChannel(channel)}: ${said}`
}

export interface Verdict {
  kind: 'success' | 'warning' | 'danger' | 'info'
  text: string
}

/** What stands beside a rule, in a few words: the worst first. */
export function verdictOf(coverage: Coverage): Verdict {
  const { isOn, nodes, people, unreachable, needsSubmitter } = coverage
  if (!isOn) return { kind: 'info', text: t('coverage.off') }
  if (nodes.some(({ isStuck }) => isStuck)) return { kind: 'danger', text: t('coverage.stuck') }
  const all = formatNumber(people.length)
  if (unreachable > 0) return { kind: 'warning', text: t('coverage.some', { n: formatNumber(unreachable), all }) }
  if (people.length > 0) return { kind: 'success', text: t('coverage.everybody', { all }) }
  return { kind: 'info', text: t(needsSubmitter ? 'coverage.submitter' : 'coverage.ticket') }
}
