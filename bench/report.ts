import type { Latency } from './figures.ts'

/** One line of the table. `isMet` is null where there is no aim, or the measurement says nothing about it. */
export interface Line {
  what: string
  figure: string
  aim: string
  isMet: boolean | null
}

/** What a measurement hands back: lines for people, and everything it counted for the file. */
export interface Measured {
  lines: Line[]
  details: unknown
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
export const ratio = (value: number): string => value.toFixed(2)
export const perSecond = (value: number): string => `${Math.round(value)}/s`
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`
export const latencyText = ({ p50, p99, p999, max }: Latency): string =>
  `p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, max ${ms(max)}`

/** The table as Markdown, aligned so that it also reads well in a terminal. */
export function table(lines: readonly Line[]): string {
  const verdict = (isMet: boolean | null): string => (isMet === null ? '' : isMet ? 'yes' : 'NO')
  const rows = [
    ['measured', 'figure', 'aim', 'met'],
    ...lines.map(({ what, figure, aim, isMet }) => [what, figure, aim, verdict(isMet)]),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const text = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [text(head), text(widths.map((width) => '-'.repeat(width))), ...body.map(text)].join('\n')
}
