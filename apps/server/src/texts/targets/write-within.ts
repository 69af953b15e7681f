import { longText, shorten } from '#server/channels/text.ts'
import type { Run } from '#server/texts/marks.ts'
import type { Target } from './target.ts'

/**
 * A text as the target writes it, within its limit: cut between what people see as characters, and before it is written,
 * so that no escape and no link is ever cut through.
 */
export function writeWithin(
  target: Target,
  runs: readonly Run[],
  links: readonly string[],
  maxBytes = target.maxBytes,
): string {
  const whole = target.write(runs, links)
  if (Buffer.byteLength(whole) <= maxBytes) return whole
  let fits = ''
  let low = 0
  let high = runs.reduce((sum, { text }) => sum + text.length, 0)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const written = `${target.write(beginning(runs, middle), links)}…`
    if (Buffer.byteLength(written) <= maxBytes) {
      fits = written
      low = middle
    } else {
      high = middle - 1
    }
  }
  return fits
}

/** At most so many UTF-16 units of text. */
function beginning(runs: readonly Run[], units: number): Run[] {
  const kept: Run[] = []
  let left = units
  for (const run of runs) {
    if (run.text.length <= left) {
      kept.push(run)
      left -= run.text.length
      continue
    }
    const text = run.link === null ? shorten(longText(run.text, left), left).text : ''
    if (text !== '') kept.push({ ...run, text })
    break
  }
  return kept
}
