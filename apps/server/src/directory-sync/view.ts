import {
  type Directory,
  type DirectoryRead,
  type DirectorySyncPreview,
  type PreviewDirectorySync,
  type SyncRow,
  syncKinds,
} from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import type { KeptRead } from '#server/db/directory-read-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { storedRoles } from '#server/people/person-row.ts'
import type { Usage } from '#server/quota/usage.ts'
import { canBeDisabled, kindsOf, type PlannedPerson, type SyncKind, type SyncPlan } from './plan.ts'
import { silenceMs } from './reader.ts'

const rowsAtOnce = 100
/** Whom an administrator can say it is; more would be no choice. */
const mostCandidates = 20

export async function viewDirectory(
  stores: Pick<Stores, 'directoryReads'>,
  channel: Pick<Channel, 'tenantId' | 'name' | 'appId' | 'directory'>,
  usage: Usage | null,
  now: number,
): Promise<Directory> {
  const kept = await stores.directoryReads.read(channel.tenantId, channel.name)
  // Another app knows people by other ids.
  const read = kept !== null && kept.appId === channel.appId ? viewRead(kept, now) : null
  return {
    channel: channel.name,
    read,
    isCounted: channel.directory?.isCounted === true,
    quota: usage === null ? null : { calls: usage.calls, quota: usage.quota },
  }
}

function viewRead(read: KeptRead, now: number): DirectoryRead {
  const { tenantId: _tenant, appId: _app, startedAt, updatedAt, state, ...rest } = read
  const isSilent = state === 'reading' && updatedAt < now - silenceMs
  return {
    ...rest,
    state: isSilent ? 'broken_off' : state,
    startedAt: new Date(startedAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  }
}

export function viewPlan(
  { rows, digest }: SyncPlan,
  { kind, offset }: Pick<PreviewDirectorySync, 'kind' | 'offset'>,
  nameOf: (uid: string) => string,
): DirectorySyncPreview {
  const counts = Object.fromEntries(syncKinds.map((each) => [each, 0])) as Record<SyncKind, number>
  const shown: PlannedPerson[] = []
  for (const row of rows) {
    for (const each of kindsOf(row)) {
      counts[each] += 1
      if (each === kind) shown.push(row)
    }
  }
  shown.sort(byName)
  const next = offset + rowsAtOnce
  return {
    digest,
    counts,
    canDisable: rows.filter(canBeDisabled).length,
    rows: shown.slice(offset, next).map((row) => viewRow(row, nameOf)),
    nextOffset: next < shown.length ? next : null,
  }
}

const { compare } = new Intl.Collator('en', { numeric: true })

/** As people look for somebody. */
function byName(one: PlannedPerson, other: PlannedPerson): number {
  return compare(nameIn(one), nameIn(other)) || compare(keyIn(one), keyIn(other))
}

/** Of somebody of whom it is not clear who they are, what the directory says. */
function nameIn({ person, before, after }: PlannedPerson): string {
  return person?.name ?? after?.name ?? before?.name ?? person?.platformUserId ?? ''
}

function keyIn({ person, uid }: PlannedPerson): string {
  return person?.platformUserId ?? uid ?? ''
}

function viewRow(row: PlannedPerson, nameOf: (uid: string) => string): SyncRow {
  const { person, uid, before, changes, binding, notes, conflict, candidates } = row
  return {
    account: person?.platformUserId ?? null,
    uid,
    name: nameIn(row),
    roles: before === null ? [] : storedRoles(before),
    email: person === null ? (before?.email ?? null) : person.email,
    mobile: person === null ? (before?.mobile ?? null) : person.mobile,
    employeeId: person === null ? (before?.employee_id ?? null) : person.employeeId,
    changes,
    binds: binding !== null,
    takenFrom: binding?.takenFrom ?? null,
    notes,
    conflict,
    candidates:
      conflict === null && !notes.includes('resolved')
        ? []
        : candidates.slice(0, mostCandidates).map((each) => ({ uid: each, name: nameOf(each) })),
  }
}
