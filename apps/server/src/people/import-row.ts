import {
  type ChangePerson,
  CreatePerson,
  type ImportError,
  Locale,
  locales,
  mostSuccessors,
  Role,
  roles as roleNames,
} from '@countersign/contracts'
import type { z } from 'zod'
import { type CsvRow, type ImportColumn, problem } from './read-csv.ts'

/** What a line says of a person. A column that the file does not have is left out; an empty cell empties. */
export interface ReadRow {
  line: number
  uid: string
  given: ChangePerson
  /** Who takes over, where the line disables the person. */
  successors: string[]
}

const { shape } = CreatePerson

/** Reads the cells of a line, with everything that is wrong with them. */
export function readRow({ line, cells }: CsvRow): { row: ReadRow | null; errors: ImportError[] } {
  const errors: ImportError[] = []
  const bad = (column: ImportColumn, code: ImportError['code'], message: string): void => {
    errors.push(problem(line, column, code, message))
  }
  const read = <Value>(column: ImportColumn, code: ImportError['code'], schema: z.ZodType<Value>) => {
    const cell = cells[column]
    if (cell === undefined) return undefined
    const result = schema.safeParse(cell === '' ? null : cell)
    if (result.success) return result.data
    bad(column, code, result.error.issues[0]?.message ?? 'is not acceptable')
    return undefined
  }
  const uid = shape.uid.safeParse(cells.uid)
  if (!uid.success) bad('uid', 'uid_bad', uid.error.issues[0]?.message ?? 'is not acceptable')
  const name = shape.name.safeParse(cells.name)
  if (!name.success) bad('name', 'name_bad', 'must have 1 to 128 characters')
  const given: ChangePerson = withoutUndefined({
    name: name.data,
    roles: rolesOf(cells.roles, (word) => bad('roles', 'role_unknown', `${word}: must be of ${roleNames.join(', ')}`)),
    locale: localeOf(cells.locale, () => bad('locale', 'locale_unknown', `must be of ${locales.join(', ')}`)),
    timeZone: read('timeZone', 'time_zone_unknown', shape.timeZone.unwrap()),
    email: read('email', 'email_bad', shape.email.unwrap()),
    mobile: read('mobile', 'mobile_bad', shape.mobile.unwrap()),
    employeeId: read('employeeId', 'employee_id_bad', shape.employeeId.unwrap()),
    disabled: flagOf(cells.disabled, () => bad('disabled', 'disabled_bad', 'must be true or false')),
  })
  const successors = successorsOf(cells.successors, (message) => bad('successors', 'successor_bad', message))
  return { row: uid.success && errors.length === 0 ? { line, uid: uid.data, given, successors } : null, errors }
}

/** Several people stand in one cell, with spaces between them. */
function successorsOf(cell: string | undefined, bad: (message: string) => void): string[] {
  const words = [...new Set((cell ?? '').split(/\s+/).filter((word) => word !== ''))]
  if (words.length > mostSuccessors) bad(`must name at most ${mostSuccessors} people`)
  const wrong = words.find((word) => !shape.uid.safeParse(word).success)
  if (wrong !== undefined) bad(`${wrong.slice(0, 64)} is no uid; there are spaces between them`)
  return words
}

/** Several roles stand in one cell, with anything between them. */
function rolesOf(cell: string | undefined, bad: (word: string) => void): Role[] | undefined {
  if (cell === undefined) return undefined
  const words = cell.split(/[\s,;|/]+/).filter((word) => word !== '')
  const found = words.flatMap((word) => {
    const role = Role.safeParse(word.toLowerCase())
    if (!role.success) bad(word.slice(0, 64))
    return role.success ? [role.data] : []
  })
  return words.length === 0 ? ['user'] : found
}

function localeOf(cell: string | undefined, bad: () => void): Locale | null | undefined {
  if (cell === undefined) return undefined
  if (cell === '') return null
  const locale = Locale.safeParse(locales.find((each) => each.toLowerCase() === cell.toLowerCase()))
  if (!locale.success) bad()
  return locale.data
}

function flagOf(cell: string | undefined, bad: () => void): boolean | undefined {
  if (cell === undefined) return undefined
  const word = cell.toLowerCase()
  if (['', 'false', 'no', '0'].includes(word)) return false
  if (['true', 'yes', '1'].includes(word)) return true
  bad()
  return undefined
}

function withoutUndefined(given: { [Key in keyof ChangePerson]: ChangePerson[Key] | undefined }): ChangePerson {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
