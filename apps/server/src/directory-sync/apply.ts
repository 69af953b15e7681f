import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AppliedDirectorySync, ApplyDirectorySync, ChannelName, TenantId, Uid } from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { AccountToBind } from '#server/db/directory-read-store.ts'
import type { BindingRow, UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { addressDigest, storeAddress } from '#server/db/user-address.ts'
import { AppError } from '#server/errors.ts'
import { type By, changePerson } from '#server/people/change.ts'
import { type FromChannel, loadPlan } from './load.ts'
import { canBeDisabled, type PlannedPerson } from './plan.ts'

export interface ApplyDeps {
  sealer: Sealer
  /** Ends what hung on the account that somebody has now: sessions, and what is known. `next`: the one that comes after. */
  leaveAccount: (
    tx: Stores,
    whose: { tenantId: TenantId; uid: Uid; channel: ChannelName },
    next: string | null,
  ) => Promise<void>
  /** `mostAtOnce` and `mostDisabledAtOnce` unless given. */
  most?: { written: number; disabled: number }
}

/** A unit of work keeps others from writing: it must be over soon. What is left is taken over by the next. */
export const mostAtOnce = 5_000
export const mostDisabledAtOnce = 500

/** So that a line of the audit stays a line: people named in one entry. */
const namedAtOnce = 100

/** Of a selection, what is written. */
interface Selected {
  created: PlannedPerson[]
  changed: PlannedPerson[]
  bound: PlannedPerson[]
  disabled: PlannedPerson[]
}

/**
 * Writes what is selected of the preview with this digest, or as many of it as can be at once: all of these or nothing. To be
 * called inside a unit of work. `people`: of the reading, loaded before. Throws `preview_outdated` where the directory or the people are not what was seen, and what `changePerson` throws.
 */
export async function applySync(
  deps: ApplyDeps,
  tx: Stores,
  by: By,
  from: FromChannel,
  request: ApplyDirectorySync,
  people?: readonly DirectoryPerson[],
): Promise<AppliedDirectorySync> {
  await tx.settings.lock()
  const plan = await loadPlan(tx, from, request, by.at, people)
  if (plan.digest !== request.digest) {
    throw new AppError('preview_outdated', 'the people have changed since the preview; look at it again')
  }
  const all = select(plan.rows, request)
  const selected = atOnce(all, deps.most ?? { written: mostAtOnce, disabled: mostDisabledAtOnce })
  const { created, changed, bound, disabled } = selected
  await inTurns([...created, ...changed].map(afterOf), (rows) => tx.settings.putUsers(rows))
  await bindAll(deps, tx, by, from, [...created, ...bound])
  for (const { uid } of disabled) {
    // What waits for them is listed among the stuck tickets, and an administrator names who takes over there.
    if (uid !== null) await changePerson(tx, by, uid, { disabled: true, reroute: { to: [], scope: 'open' } })
  }
  await auditAll(tx, by, from, request, selected)
  const counts = { created: created.length, changed: changed.length, bound: bound.length, disabled: disabled.length }
  return { ...counts, left: countOf(all) - countOf(selected) }
}

/** Somebody who is changed and bound is one. */
function countOf({ created, changed, bound, disabled }: Selected): number {
  return created.length + new Set([...changed, ...bound]).size + disabled.length
}

function atOnce(
  { created, changed, bound, disabled }: Selected,
  most: { written: number; disabled: number },
): Selected {
  const first = new Set([...created, ...changed, ...bound].slice(0, most.written))
  const within = (rows: readonly PlannedPerson[]) => rows.filter((row) => first.has(row))
  return {
    created: within(created),
    changed: within(changed),
    bound: within(bound),
    disabled: disabled.slice(0, most.disabled),
  }
}

function select(rows: readonly PlannedPerson[], request: ApplyDirectorySync): Selected {
  const leftOut = new Set(request.leaveOut)
  const wanted = rows.filter(
    ({ conflict, person, uid }) => conflict === null && !leftOut.has(person?.platformUserId ?? uid ?? ''),
  )
  const known = wanted.filter(({ isNew, isGone }) => !isNew && !isGone)
  return {
    created: request.create ? wanted.filter(({ isNew }) => isNew) : [],
    changed: request.change ? known.filter(({ changes }) => changes.length > 0) : [],
    bound: request.bind ? known.filter(({ binding }) => binding !== null) : [],
    disabled: request.disable ? wanted.filter(canBeDisabled) : [],
  }
}

function afterOf({ after }: PlannedPerson): UserRow {
  if (after === null) throw new Error('a person who is written has a row')
  return after
}

async function bindAll(
  { sealer, leaveAccount }: ApplyDeps,
  tx: Stores,
  { admin, at }: By,
  { tenantId, channel }: FromChannel,
  rows: readonly PlannedPerson[],
): Promise<void> {
  const present = new Map(
    (await tx.directoryReads.accounts(tenantId, channel)).accounts.map((each) => [each.uid, each]),
  )
  const losing = rows.flatMap(({ binding }) => (binding?.takenFrom == null ? [] : [binding.takenFrom]))
  for (const uid of losing) {
    await leaveAccount(tx, { tenantId, uid, channel }, null)
    await tx.settings.removeBinding({ tenant_id: tenantId, uid, channel })
    const entry = { tenantId, at, actor: admin.uid, action: 'user.unbind', target: `user:${uid}` }
    await tx.audit.append({ ...entry, detail: { channel, by: 'directory' } })
  }
  const bindings: BindingRow[] = []
  const accounts: AccountToBind[] = []
  for (const { person, uid, binding } of rows) {
    if (person === null || uid === null || binding === null) continue
    const { platformUserId } = person
    if (binding.leavesOther) await leaveAccount(tx, { tenantId, uid, channel }, platformUserId)
    let digest = present.get(uid)?.addressDigest
    if (binding.address !== null) {
      const address = storeAddress(sealer, { tenantId, uid, channel }, binding.address)
      bindings.push({ tenant_id: tenantId, uid, channel, address, provisioned: 0, updated_at: at })
      digest = addressDigest(channel, JSON.parse(address))
    }
    if (digest === undefined) throw new Error('whoever keeps their address has one')
    accounts.push({ uid, platformUserId, addressDigest: digest, replaces: binding.replaces })
  }
  await inTurns(bindings, (part) => tx.settings.putBindings(part))
  if (!(await tx.directoryReads.bindAccounts(tenantId, channel, accounts, at))) {
    throw new AppError('preview_outdated', 'somebody was just bound to one of these accounts; look at it again')
  }
}

async function auditAll(
  tx: Stores,
  { admin, at }: By,
  { tenantId, channel }: FromChannel,
  { digest, readId }: ApplyDirectorySync,
  { created, changed, bound }: Selected,
): Promise<void> {
  const entry = { tenantId, at, actor: admin.uid, action: 'user.sync', target: `tenant:${tenantId}` }
  const lists = [
    ['created', created, ({ uid }: PlannedPerson) => `${uid}(user)`],
    ['changed', changed, ({ uid, changes }: PlannedPerson) => `${uid}(${changes.join(',')})`],
    ['bound', bound, ({ uid }: PlannedPerson) => `${uid}`],
  ] as const
  for (const [what, rows, named] of lists) {
    for (const part of parts(rows)) {
      await tx.audit.append({ ...entry, detail: { channel, readId, digest, [what]: part.map(named).join(' ') } })
    }
  }
  // Each of these is a decision about somebody: it stands by itself, with whom it was taken from.
  for (const { uid, binding, notes } of bound) {
    if (!notes.includes('resolved') || binding === null) continue
    const detail = { channel, readId, by: 'directory', takenFrom: binding.takenFrom }
    await tx.audit.append({ ...entry, action: 'user.rebind', target: `user:${uid}`, detail })
  }
}

/** Rows that are written before others get a turn. */
const rowsInTurn = 200

async function inTurns<Row>(rows: readonly Row[], write: (rows: readonly Row[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsInTurn) {
    await write(rows.slice(start, start + rowsInTurn))
    await nextTurn()
  }
}

function parts(rows: readonly PlannedPerson[]): PlannedPerson[][] {
  return Array.from({ length: Math.ceil(rows.length / namedAtOnce) }, (_, index) =>
    rows.slice(index * namedAtOnce, (index + 1) * namedAtOnce),
  )
}
