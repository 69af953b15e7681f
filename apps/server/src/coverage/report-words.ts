import type { Translator } from '#server/i18n/translator.ts'
import type { CoverageReport, UnreachablePerson } from './report.ts'

/** A report as lines, in the language of whoever reads it. */
export function wordReport({ unreachable, recovered, stuck = 0 }: CoverageReport, t: Translator): string[] {
  return [
    ...(stuck > 0 ? [t.text('coverage.stuck', { count: stuck })] : []),
    ...unreachable.map((person) => wordUnreachable(person, t)),
    ...recovered.map(({ name }) => t.text('coverage.recovered', { name })),
  ]
}

/** Who it is, and all that stands in the way. */
export function wordUnreachable({ name, problems }: UnreachablePerson, t: Translator): string {
  const reasons = problems.map(({ channel, reason, code }) =>
    t.text(`unreachable.${reason}`, {
      channel: channel === null ? '' : t.text(`channel.${channel}`),
      code: code ?? '',
    }),
  )
  return t.locale === 'zh-CN' || t.locale === 'ja' ? `${name}：${reasons.join('；')}` : `${name}: ${reasons.join('; ')}`
}
