import { personColumns } from '@countersign/contracts'
import { stringify } from 'csv-stringify/sync'
import type { UserRow } from '#server/db/settings-store.ts'
import { storedRoles } from './person-row.ts'

/**
 * People as a file that an import takes. What a spreadsheet would take for a formula, such as a mobile number, gets an
 * apostrophe before it, which an import takes away again.
 */
export function peopleCsv(rows: readonly UserRow[]): string {
  const lines = rows.map((row) => [
    row.uid,
    row.name,
    storedRoles(row).join(' '),
    row.locale,
    row.time_zone,
    row.email,
    row.mobile,
    row.employee_id,
    row.disabled === 1 ? 'true' : 'false',
  ])
  // The byte order mark tells Excel that it is UTF-8.
  return stringify([[...personColumns], ...lines], { bom: true, escape_formulas: true, record_delimiter: 'windows' })
}
