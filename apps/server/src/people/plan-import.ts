import { createHash } from 'node:crypto'
import type { ImportError, ImportedRow, ImportPreview, TenantId, Uid } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import type { UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { type By, emptyRow, isActiveAdministrator } from './change.ts'
import { type ReadRow, readRow } from './import-row.ts'
import { changedColumns, type PersonColumn, rowWith, storedRoles } from './person-row.ts'
import { problem, readCsv } from './read-csv.ts'
import { successorErrors } from './successor-errors.ts'

/** What a line of the file would do. */
export interface PlannedRow {
  line: number
  action: ImportedRow['action']
  /** Null: the person would be added. */
  before: UserRow | null
  after: UserRow
  changes: PersonColumn[]
  /** Who takes over from the person, whom the line disables; nobody where it does not. */
  successors: Uid[]
}

export interface ImportPlan {
  rows: PlannedRow[]
  errors: ImportError[]
  digest: string
}

/** As many lines as a person can look through; the numbers beside them are of all. */
const shownLines = 500

/**
 * What importing this file would do to the tenant as it is now. Writes nothing. The digest is that of the file and of every
 * row before and after, so that the same digest means the same import.
 */
export async function planImport(
  stores: Pick<Stores, 'people'>,
  { tenantId, uid: actor }: By['admin'],
  csv: string,
  at: number,
): Promise<ImportPlan> {
  const file = readCsv(csv)
  const read = file.rows.map(readRow)
  const errors = [...file.errors, ...read.flatMap((each) => each.errors)]
  const given = read.flatMap(({ row }) => (row === null ? [] : [row]))
  errors.push(...repeatedUids(given))
  const existing = await stores.people.rows(tenantId, [...new Set(given.map(({ uid }) => uid))])
  const rows = given.map((row) => planRow(tenantId, row, existing.get(row.uid) ?? null, at))
  errors.push(...rows.flatMap(provisionedError))
  errors.push(...(await lastAdministratorError(stores, tenantId, rows)))
  errors.push(...(await successorErrors(stores, { tenantId, actor }, given, rows)))
  errors.sort((one, other) => one.line - other.line)
  return { rows, errors, digest: digestOf(tenantId, csv, rows) }
}

/** `stuck`: pending tickets that nobody could complete any more. */
export function viewPlan({ rows, errors, digest }: ImportPlan, stuck: number): ImportPreview {
  const count = (action: ImportedRow['action']): number => rows.filter((row) => row.action === action).length
  const shown = rows.filter(({ action }) => action !== 'keep').slice(0, shownLines)
  return {
    digest,
    create: count('create'),
    change: count('change'),
    keep: count('keep'),
    rows: shown.map(shownRow),
    errors: errors.slice(0, shownLines),
    errorCount: errors.length,
    stuck,
  }
}

function shownRow({ line, action, after, changes, successors }: PlannedRow): ImportedRow {
  return { line, uid: after.uid, name: after.name, action, roles: storedRoles(after), changes, successors }
}

function planRow(tenantId: TenantId, read: ReadRow, before: UserRow | null, at: number): PlannedRow {
  const { line, uid, given } = read
  const after = rowWith(before ?? emptyRow(tenantId, uid), given, at)
  const changes = before === null ? [] : changedColumns(before, after)
  const action = before === null ? 'create' : changes.length > 0 ? 'change' : 'keep'
  const disables = changes.includes('disabled') && after.disabled === 1
  return { line, action, before, after, changes, successors: disables ? read.successors : [] }
}

function repeatedUids(rows: readonly ReadRow[]): ImportError[] {
  const first = new Map<Uid, number>()
  return rows.flatMap(({ line, uid }) => {
    const earlier = first.get(uid)
    if (earlier === undefined) first.set(uid, line)
    return earlier === undefined ? [] : [problem(line, 'uid', 'uid_repeated', `stands in line ${earlier} already`)]
  })
}

function provisionedError({ line, action, before, after }: PlannedRow): ImportError[] {
  if (action !== 'change' || before?.provisioned !== 1) return []
  return [problem(line, null, 'provisioned', `${after.uid} stands in the provisioning file, and is changed there`)]
}

async function lastAdministratorError(
  stores: Pick<Stores, 'people'>,
  tenantId: TenantId,
  rows: readonly PlannedRow[],
): Promise<ImportError[]> {
  const before = await stores.people.activeWith(tenantId, 'admin')
  const left = new Set(before)
  for (const { after } of rows) {
    if (isActiveAdministrator(after)) left.add(after.uid)
    else left.delete(after.uid)
  }
  const gone = rows.find(({ after }) => before.includes(after.uid) && !left.has(after.uid))
  if (left.size > 0 || gone === undefined) return []
  return [problem(gone.line, null, 'last_administrator', 'a tenant keeps at least one active administrator')]
}

function digestOf(tenantId: TenantId, csv: string, rows: readonly PlannedRow[]): string {
  const plain = (row: UserRow | null) => (row === null ? null : { ...row, updated_at: 0 })
  const text = canonicalize({
    tenantId,
    csv,
    rows: rows.map(({ line, before, after }) => ({ line, before: plain(before), after: plain(after) })),
  })
  return createHash('sha256')
    .update(text ?? '')
    .digest('base64url')
}
