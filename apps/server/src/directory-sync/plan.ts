import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type ChannelName,
  type directoryFields,
  Email,
  EmployeeId,
  Mobile,
  type syncKinds,
  type syncNotes,
  type TenantId,
  type Uid,
} from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { ChannelAccounts, UnclaimedAccount } from '#server/db/directory-read-store.ts'
import type { UserRow } from '#server/db/settings-store.ts'
import { emptyRow, isActiveAdministrator } from '#server/people/change.ts'
import { rowWith, storedRoles } from '#server/people/person-row.ts'
import { NewUids, type UidSource } from './new-uid.ts'
import { type Conflict, PeopleIndex } from './who-it-is.ts'

export type DirectoryField = (typeof directoryFields)[number]
export type SyncKind = (typeof syncKinds)[number]
export type SyncNote = (typeof syncNotes)[number]

/** What is known when a plan is made: a directory as it was read, and the tenant as it is now. */
export interface SyncInput {
  tenantId: TenantId
  channel: ChannelName
  readId: string
  isWhole: boolean
  /** In a fixed order. */
  people: readonly DirectoryPerson[]
  users: readonly UserRow[]
  accounts: ChannelAccounts
  uidFrom: UidSource
  /** Whose an account is, where an administrator says so. */
  resolutions: ReadonlyMap<string, Uid>
  at: number
}

/** How an account becomes somebody's. */
export interface PlannedBinding {
  /** Null: by the address that they have already. */
  address: Readonly<Record<string, string>> | null
  /** Who has the account now, and loses it. */
  takenFrom: Uid | null
  /** The person has another account now, and leaves it. */
  leavesOther: boolean
  replaces: UnclaimedAccount['row'] | null
}

export interface PlannedPerson {
  person: DirectoryPerson | null
  /** Null: not clear who it is, or nobody. */
  uid: Uid | null
  before: UserRow | null
  after: UserRow | null
  isNew: boolean
  isGone: boolean
  changes: DirectoryField[]
  binding: PlannedBinding | null
  notes: SyncNote[]
  conflict: Conflict | null
  candidates: Uid[]
}

export interface SyncPlan {
  rows: PlannedPerson[]
  digest: string
}

/** What only an administrator may change about whoever is gone. */
const blocking: readonly SyncNote[] = ['provisioned', 'last_administrator']

export const canBeDisabled = ({ isGone, notes }: PlannedPerson): boolean =>
  isGone && !notes.some((note) => blocking.includes(note))

/** In which lists a row stands: somebody may be changed and bound at once. */
export function kindsOf(row: PlannedPerson): SyncKind[] {
  if (row.conflict !== null) return ['conflict']
  if (row.isGone) return ['gone']
  if (row.isNew) return ['create']
  const kinds: SyncKind[] = []
  if (row.changes.length > 0) kinds.push('change')
  if (row.binding !== null) kinds.push('bind')
  return kinds.length === 0 ? ['keep'] : kinds
}

/**
 * What synchronising would do. Pure. Nobody is ever given an account that is somebody else's, nor one in the place of
 * another, unless an administrator says so; nobody gets a role; nobody is enabled; nobody is deleted.
 */
export function planSync(input: SyncInput): SyncPlan {
  const steps = planSteps(input)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** The same, while others get their turn: tens of thousands of people take longer than a tap may wait for its answer. */
export async function planSyncInTurns(input: SyncInput): Promise<SyncPlan> {
  const steps = planSteps(input)
  let step = steps.next()
  while (step.done !== true) {
    await nextTurn()
    step = steps.next()
  }
  return step.value
}

/** People planned before others get a turn: a few milliseconds. */
const peopleInTurn = 500

function* planSteps(input: SyncInput): Generator<undefined, SyncPlan> {
  const index = new PeopleIndex(input.users, input.accounts)
  yield
  const repeated = valuesOfSeveral(input.people)
  const rows: PlannedPerson[] = []
  for (const [place, person] of input.people.entries()) {
    if (place % peopleInTurn === 0) yield
    rows.push(planPerson(input, index, repeated, person))
  }
  refuseTwoAccounts(input, index, rows)
  yield
  nameNewPeople(input, rows)
  yield
  rows.push(...goneRows(input, index, rows))
  protectLastAdministrators(input.users, rows)
  const { tenantId, channel, readId } = input
  const digest = createHash('sha256').update(JSON.stringify([tenantId, channel, readId]))
  for (const [place, row] of rows.entries()) {
    if (place % peopleInTurn === 0) yield
    digest.update(rowText(row)).update('\n')
  }
  return { rows, digest: digest.digest('base64url') }
}

const blank: Omit<PlannedPerson, 'person' | 'candidates'> = {
  uid: null,
  before: null,
  after: null,
  isNew: false,
  isGone: false,
  changes: [],
  binding: null,
  notes: [],
  conflict: null,
}

function planPerson(
  input: SyncInput,
  index: PeopleIndex,
  repeated: ReadonlySet<string>,
  person: DirectoryPerson,
): PlannedPerson {
  const found = index.whoIs(person)
  const candidates = found.kind === 'new' ? [] : found.candidates
  const row = { ...blank, person, candidates, notes: [] as SyncNote[] }
  const chosen = input.resolutions.get(person.platformUserId)
  const isChosen = chosen !== undefined && candidates.includes(chosen)
  if (found.kind === 'unclear' && !isChosen) return { ...row, conflict: found.conflict }
  const uid = isChosen ? chosen : found.kind === 'known' ? found.uid : null
  if (uid === null) return newPerson(input, index, repeated, row)
  const before = index.users.get(uid) ?? null
  if (before === null) return { ...row, conflict: 'different_people' }
  if (isChosen) row.notes.push('resolved')
  return knownPerson(input, index, repeated, { ...row, person, uid, before }, isChosen)
}

type Row = PlannedPerson & { person: DirectoryPerson }

function newPerson(input: SyncInput, index: PeopleIndex, repeated: ReadonlySet<string>, row: Row): PlannedPerson {
  const { person } = row
  if (person.isFrozen) return { ...row, notes: ['frozen'] }
  // By these an administrator, and whoever looks people up, would take one for the other.
  const { employeeId, email, isEmailProven } = person
  const isRepeated =
    (employeeId !== null && repeated.has(`employeeId|${employeeId}`)) ||
    (email !== null && isEmailProven && repeated.has(`email|${email.toLowerCase()}`))
  if (isRepeated) return { ...row, conflict: 'same_in_directory' }
  const { given, notes } = fieldsOf(index, repeated, person, null)
  const replaces = index.unclaimed(person.platformUserId)
  return {
    ...row,
    isNew: true,
    after: rowWith(emptyRow(input.tenantId, ''), given, input.at),
    binding: { address: person.address, takenFrom: null, leavesOther: false, replaces },
    notes: [...row.notes, ...notes],
  }
}

function knownPerson(
  { at }: SyncInput,
  index: PeopleIndex,
  repeated: ReadonlySet<string>,
  row: Row & { uid: Uid; before: UserRow },
  isChosen: boolean,
): PlannedPerson {
  const { person, before } = row
  if (before.disabled === 1) return { ...row, notes: [...row.notes, 'disabled'] }
  if (person.isFrozen) {
    const notes: SyncNote[] = before.provisioned === 1 ? ['frozen', 'provisioned'] : ['frozen']
    return { ...row, isGone: true, notes: [...row.notes, ...notes] }
  }
  const bound = bindingOf(index, person, before, isChosen)
  if ('conflict' in bound) return { ...row, conflict: bound.conflict, candidates: bound.candidates }
  const { given, notes } = fieldsOf(index, repeated, person, before)
  const fields = Object.keys(given) as DirectoryField[]
  const isProvisioned = before.provisioned === 1 && fields.length > 0
  return {
    ...row,
    after: isProvisioned ? before : rowWith(before, given, at),
    changes: isProvisioned ? [] : fields,
    binding: bound.binding,
    notes: [...row.notes, ...bound.notes, ...(isProvisioned ? (['provisioned'] as const) : notes)],
  }
}

type Bound = { binding: PlannedBinding | null; notes: SyncNote[] } | { conflict: Conflict; candidates: Uid[] }

function bindingOf(index: PeopleIndex, person: DirectoryPerson, user: UserRow, isChosen: boolean): Bound {
  const { uid } = user
  const { platformUserId, address } = person
  const account = index.account(uid)
  if (account?.platformUserId === platformUserId) return { binding: null, notes: [] }
  const owner = index.ownerOf(platformUserId)
  const replaces = index.unclaimed(platformUserId)
  // A look-up would come to the same: the address was given, by them or for them.
  if (account !== null && account.platformUserId === null && owner === null && index.leadsTo(uid, person)) {
    return { binding: { address: null, takenFrom: null, leavesOther: false, replaces }, notes: [] }
  }
  const isFixed = account?.isProvisioned === true || (owner !== null && index.account(owner)?.isProvisioned === true)
  if (isFixed) {
    // What the file says of an address goes before what the directory says.
    if (account?.platformUserId === null && owner === null) return { binding: null, notes: ['provisioned_address'] }
    return { conflict: 'other_account', candidates: [] }
  }
  if (!isChosen) {
    if (account !== null) return { conflict: 'other_account', candidates: [uid] }
    // Whoever has this account could act as them from now on.
    if (storedRoles(user).some((role) => role !== 'user')) return { conflict: 'has_role', candidates: [uid] }
  }
  const takenFrom = owner === uid ? null : owner
  return { binding: { address, takenFrom, leavesOther: account !== null, replaces }, notes: [] }
}

interface Given {
  name?: string
  email?: string
  mobile?: string
  employeeId?: string
}

const schemas = { email: Email, mobile: Mobile, employeeId: EmployeeId } as const
const longestName = 128

/** The fields that would change, and why others would not. What the directory does not say stays as it is. */
function fieldsOf(
  index: PeopleIndex,
  repeated: ReadonlySet<string>,
  person: DirectoryPerson,
  before: UserRow | null,
): { given: Given; notes: SyncNote[] } {
  const given: Given = {}
  const notes = new Set<SyncNote>()
  const name = (person.name ?? '').slice(0, longestName).trim()
  if (before === null) given.name = name === '' ? (person.email?.split('@')[0] ?? person.platformUserId) : name
  else if (name !== '' && name !== before.name) given.name = name
  const present = { email: before?.email, mobile: before?.mobile, employeeId: before?.employee_id }
  for (const field of ['email', 'mobile', 'employeeId'] as const) {
    const value = person[field]
    const had = present[field] ?? null
    const isSame = field === 'email' ? value?.toLowerCase() === had?.toLowerCase() : value === had
    if (value === null || isSame) continue
    const key = `${field}|${field === 'email' ? value.toLowerCase() : value}`
    if (!schemas[field].safeParse(value).success) notes.add('field_unusable')
    else if (repeated.has(key) || index.isOthers(field, value, before?.uid ?? null)) notes.add('field_of_another')
    else given[field] = value
  }
  return { given, notes: [...notes] }
}

/** What several accounts of the directory say of themselves tells nobody apart. */
function valuesOfSeveral(people: readonly DirectoryPerson[]): Set<string> {
  const seen = new Set<string>()
  const several = new Set<string>()
  for (const { email, mobile, employeeId } of people) {
    for (const key of [
      ...(email === null ? [] : [`email|${email.toLowerCase()}`]),
      ...(mobile === null ? [] : [`mobile|${mobile}`]),
      ...(employeeId === null ? [] : [`employeeId|${employeeId}`]),
    ]) {
      if (seen.has(key)) several.add(key)
      seen.add(key)
    }
  }
  return several
}

/** Two accounts of the directory that lead to one person: only the one that is surely theirs may. */
function refuseTwoAccounts({ resolutions }: SyncInput, index: PeopleIndex, rows: PlannedPerson[]): void {
  const byUid = Map.groupBy(
    rows.filter((row) => row.uid !== null && row.conflict === null),
    ({ uid }) => uid,
  )
  for (const [uid, claiming] of byUid) {
    if (uid === null || claiming.length < 2) continue
    const accountOf = ({ person }: PlannedPerson): string => person?.platformUserId ?? ''
    const chosen = claiming.filter((row) => resolutions.get(accountOf(row)) === uid)
    const known = claiming.filter((row) => index.ownerOf(accountOf(row)) === uid)
    const sure = chosen.length > 0 ? chosen : known
    const [only] = sure.length === 1 ? sure : []
    for (const row of claiming) {
      if (row === only) continue
      const { person, candidates } = row
      Object.assign(row, { ...blank, person, candidates, notes: [], conflict: 'two_accounts' })
    }
  }
}

function nameNewPeople({ users, uidFrom, people }: SyncInput, rows: readonly PlannedPerson[]): void {
  const uids = new NewUids(
    users.map(({ uid }) => uid),
    uidFrom,
  )
  const order = new Map(people.map(({ platformUserId }, place) => [platformUserId, place]))
  const placeOf = ({ person }: PlannedPerson): number => order.get(person?.platformUserId ?? '') ?? 0
  for (const row of rows.filter(({ isNew }) => isNew).sort((one, other) => placeOf(one) - placeOf(other))) {
    if (row.person === null || row.after === null) continue
    row.uid = uids.next(row.person)
    row.after = { ...row.after, uid: row.uid }
  }
}

/** Whose account is not in the directory any more; nobody where not all of it was seen. */
function goneRows({ isWhole, people }: SyncInput, index: PeopleIndex, rows: readonly PlannedPerson[]): PlannedPerson[] {
  if (!isWhole) return []
  const there = new Set(people.map(({ platformUserId }) => platformUserId))
  // Somebody whose account was made anew is not gone.
  const spokenOf = new Set(rows.flatMap(({ uid, candidates }) => (uid === null ? candidates : [uid, ...candidates])))
  const gone: PlannedPerson[] = []
  for (const [uid, before] of index.users) {
    const account = index.account(uid)?.platformUserId ?? null
    if (account === null || there.has(account) || spokenOf.has(uid) || before.disabled === 1) continue
    const notes: SyncNote[] = before.provisioned === 1 ? ['provisioned'] : []
    gone.push({ ...blank, person: null, uid, before, isGone: true, notes, candidates: [] })
  }
  return gone
}

function protectLastAdministrators(users: readonly UserRow[], rows: readonly PlannedPerson[]): void {
  const leaving = rows.filter((row) => row.before !== null && canBeDisabled(row) && isActiveAdministrator(row.before))
  const left = users.filter((user) => isActiveAdministrator(user) && !leaving.some(({ uid }) => uid === user.uid))
  if (left.length > 0) return
  for (const row of leaving) row.notes.push('last_administrator')
}

/** All that a row would do, as text: the same text, the same done. */
function rowText(row: PlannedPerson): string {
  const { person, uid, before, after, isNew, isGone, binding, notes, conflict, candidates } = row
  const bound =
    binding === null ? null : [binding.address, binding.takenFrom, binding.leavesOther, binding.replaces?.uid ?? null]
  return JSON.stringify([
    ...[person?.platformUserId ?? null, uid, isNew, isGone, conflict, notes, candidates, bound],
    ...[before, after].map(valuesOf),
  ])
}

function valuesOf(row: UserRow | null) {
  if (row === null) return null
  const { tenant_id, uid, name, roles, locale, time_zone, email, mobile, employee_id, disabled, provisioned } = row
  return [tenant_id, uid, name, roles, locale, time_zone, email, mobile, employee_id, disabled, provisioned]
}
