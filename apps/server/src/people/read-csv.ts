import { type ImportError, importColumns, mostImportedRows } from '@countersign/contracts'
import { CsvError, parse } from 'csv-parse/sync'

/** What a file may have, beside what is kept of a person. */
export type ImportColumn = (typeof importColumns)[number]

/** A line of a file of people: its cells by column, trimmed. */
export interface CsvRow {
  /** Of the file, from 1; of a cell with line breaks, its last. */
  line: number
  cells: Partial<Record<ImportColumn, string>>
}

export interface CsvFile {
  rows: CsvRow[]
  errors: ImportError[]
}

/** Bytes in UTF-8. */
export const largestCsv = 1024 * 1024
/** Far more than any person needs; a forgotten quote does not swallow the file. */
const longestRow = 16 * 1024
const delimiters = [',', ';', '\t'] as const

/** Reads a file of people: comma, semicolon (Excel in many countries) or tab, with or without a byte order mark. */
export function readCsv(csv: string): CsvFile {
  if (Buffer.byteLength(csv) > largestCsv) return refused(problem(1, null, 'too_large', 'must be at most 1 MiB'))
  // Excel writes the delimiter down as a first line of its own.
  const announced = /^\uFEFF?sep=(.)\r?\n/i.exec(csv)
  const text = announced === null ? csv : csv.slice(announced[0].length)
  const linesBefore = announced === null ? 0 : 1
  const delimiter = announced?.[1] ?? delimiterOf(text)
  const lines = split(text, delimiter)
  if (!Array.isArray(lines)) return refused({ ...lines, line: lines.line + linesBefore })
  const [header, ...rest] = lines
  if (header === undefined || rest.length === 0)
    return refused(problem(1, null, 'empty', 'must name at least one person'))
  const columns = header.cells.map(columnOf)
  const errors = headerErrors(header.cells, columns, header.line + linesBefore)
  if (rest.length > mostImportedRows)
    errors.push(problem(1, null, 'too_many_rows', `must name at most ${mostImportedRows} people`))
  if (errors.length > 0) return { rows: [], errors }
  return rowsOf(rest, columns, linesBefore)
}

function rowsOf(lines: readonly Line[], columns: readonly (ImportColumn | null)[], linesBefore: number): CsvFile {
  const file: CsvFile = { rows: [], errors: [] }
  for (const { line, cells } of lines) {
    const at = line + linesBefore
    if (cells.length === columns.length) file.rows.push({ line: at, cells: byColumn(columns, cells) })
    else {
      const message = `has ${cells.length} cells where the first line has ${columns.length}`
      file.errors.push(problem(at, null, 'cells', message))
    }
  }
  return file
}

interface Line {
  line: number
  cells: string[]
}

function split(text: string, delimiter: string): Line[] | ImportError {
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longestRow,
    })
    // With `info`, each record comes with where it was found.
    return (records as unknown as { info: { lines: number }; record: string[] }[])
      .filter(({ record }) => record.some((cell) => cell.trim() !== ''))
      .map(({ info, record }) => ({ line: info.lines, cells: record.map(plainCell) }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error.lines === 'number' ? error.lines : 1
    return problem(line, null, 'not_csv', 'cannot be read as CSV: look at the quotation marks')
  }
}

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1)
  const count = (delimiter: string): number => first.split(delimiter).length
  return delimiters.reduce((best, each) => (count(each) > count(best) ? each : best))
}

/** An export writes an apostrophe before what a spreadsheet would take for a formula. */
function plainCell(cell: string): string {
  return cell.trim().replace(/^'(?=[=+\-@\t\r])/, '')
}

function columnOf(name: string): ImportColumn | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '')
  return importColumns.find((column) => plain(column) === plain(name)) ?? null
}

function headerErrors(
  names: readonly string[],
  columns: readonly (ImportColumn | null)[],
  line: number,
): ImportError[] {
  const errors = names.flatMap((name, index) => {
    const column = columns[index] ?? null
    if (column === null) {
      return [problem(line, name, 'column_unknown', `must be one of ${importColumns.join(', ')}`)]
    }
    return columns.indexOf(column) < index ? [problem(line, name, 'column_repeated', 'is there already')] : []
  })
  const missing = (['uid', 'name'] as const).filter((column) => !columns.includes(column))
  return [...errors, ...missing.map((column) => problem(line, column, 'column_missing', 'must be there'))]
}

function byColumn(columns: readonly (ImportColumn | null)[], cells: readonly string[]): CsvRow['cells'] {
  return Object.fromEntries(columns.flatMap((column, index) => (column === null ? [] : [[column, cells[index] ?? '']])))
}

function refused(error: ImportError): CsvFile {
  return { rows: [], errors: [error] }
}

export function problem(line: number, column: string | null, code: ImportError['code'], message: string): ImportError {
  return { line, column, code, message }
}
