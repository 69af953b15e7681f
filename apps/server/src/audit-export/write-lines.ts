import type { AuditExportEnd, AuditExportHead, AuditRecord } from '@countersign/contracts'
import { stringify } from 'csv-stringify/sync'
import type { ExportedLine } from './export-audit.ts'

/** One JSON value a line: the head, the entries as they are signed, the end. */
export async function* jsonLines(lines: AsyncIterable<ExportedLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(written(line))}\n`
}

function written(line: ExportedLine): AuditExportHead | AuditRecord | AuditExportEnd {
  if (line.kind === 'head') return line.head
  return line.kind === 'entry' ? line.entry : line.end
}

const columns = ['seq', 'at', 'actor', 'action', 'target', 'detail', 'prevMac', 'mac'] as const

/**
 * For spreadsheets: what one would take for a formula has an apostrophe before it. The last line is no entry: it has no
 * number, and says what was exported, whether the chain is intact, and its last entry.
 */
export async function* csvLines(lines: AsyncIterable<ExportedLine>): AsyncGenerator<string> {
  let head: AuditExportHead | undefined
  for await (const line of lines) {
    if (line.kind === 'head') {
      head = line.head
      // The byte order mark tells Excel that it is UTF-8.
      yield `\uFEFF${row([...columns])}`
    } else if (line.kind === 'entry') yield row(columns.map((name) => line.entry[name]))
    else if (head !== undefined) yield row(lastRow(head, line.end))
  }
}

function lastRow({ exportedBy, filter, head }: AuditExportHead, { entries, verification }: AuditExportEnd) {
  const detail = JSON.stringify({ entries, filter, headSeq: head.seq, verification })
  return ['', verification.checkedAt, exportedBy, 'export.end', '', detail, '', head.mac]
}

function row(cells: readonly (string | number)[]): string {
  return stringify([[...cells]], { escape_formulas: true, record_delimiter: 'windows' })
}
