import {
  type ChangePerson,
  CreatePerson,
  type ImportError,
  Locale,
  locales,
  Role,
  roles as roleNames,
} from '@countersign/contracts'
import type { z } from 'zod'
import type { PersonColumn } from './person-row.ts'
import { type CsvRow, problem } from './read-csv.ts'

/** What a line says of a person. A column that the file does not have is left out; an empty cell empties. */
export interface ReadRow {
  line: number
  uid: string
  given: ChangePerson
}

const { shape } = CreatePerson

/** Reads the cells of a line, with everything that is wrong with them. */
export function readRow({ line, cells }: CsvRow): { row: ReadRow | null; errors: ImportError[] } {
  const errors: ImportError[] = []
  const bad = (column: PersonColumn, code: ImportError['code'], message: string): void => {
    errors.push(problem(line, column, code, message))
  }
  const read = <Value>(column: PersonColumn, code: ImportError['code'], schema: z.ZodType<Value>) => {
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
  return { row: uid.success && errors.length === 0 ? { line, uid: uid.data, given } : null, errors }
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
