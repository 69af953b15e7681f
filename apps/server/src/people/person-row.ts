import { type ChangePerson, personColumns, Role } from '@countersign/contracts'
import { z } from 'zod'
import type { UserRow } from '#server/db/settings-store.ts'

const Roles = z.array(Role)

export type PersonColumn = (typeof personColumns)[number]

export function storedRoles(row: Pick<UserRow, 'roles'>): Role[] {
  return Roles.parse(JSON.parse(row.roles))
}

/** The row with what is given; what is left out stays. */
export function rowWith(row: UserRow, given: ChangePerson, at: number): UserRow {
  const { name, roles, locale, timeZone, email, mobile, employeeId, disabled } = given
  return {
    ...row,
    name: name ?? row.name,
    roles: roles === undefined ? row.roles : JSON.stringify([...new Set(roles)].sort()),
    locale: locale === undefined ? row.locale : locale,
    time_zone: timeZone === undefined ? row.time_zone : timeZone,
    email: email === undefined ? row.email : email,
    mobile: mobile === undefined ? row.mobile : mobile,
    employee_id: employeeId === undefined ? row.employee_id : employeeId,
    disabled: disabled === undefined ? row.disabled : disabled ? 1 : 0,
    updated_at: at,
  }
}

const storedAs = {
  uid: 'uid',
  name: 'name',
  roles: 'roles',
  locale: 'locale',
  timeZone: 'time_zone',
  email: 'email',
  mobile: 'mobile',
  employeeId: 'employee_id',
  disabled: 'disabled',
} as const satisfies Record<PersonColumn, keyof UserRow>

/** What differs, by the names of the API. */
export function changedColumns(before: UserRow, after: UserRow): PersonColumn[] {
  return personColumns.filter((column) => before[storedAs[column]] !== after[storedAs[column]])
}
