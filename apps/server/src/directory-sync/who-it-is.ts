import type { syncConflicts, Uid } from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { ChannelAccount, ChannelAccounts, UnclaimedAccount } from '#server/db/directory-read-store.ts'
import type { UserRow } from '#server/db/settings-store.ts'

export type Conflict = (typeof syncConflicts)[number]

/** Who somebody of the directory is here. `candidates`: whom anything at all points to. */
export type WhoItIs =
  | { kind: 'new' }
  | { kind: 'known'; uid: Uid; candidates: Uid[] }
  | { kind: 'unclear'; conflict: Conflict; candidates: Uid[] }

/** The people of a tenant by everything that tells who somebody is. Names tell nothing. */
export class PeopleIndex {
  readonly users: ReadonlyMap<Uid, UserRow>
  readonly #accounts: ReadonlyMap<Uid, ChannelAccount>
  readonly #byAccount = new Map<string, Uid>()
  readonly #unclaimed: ReadonlyMap<string, UnclaimedAccount>
  /** Of addresses that nobody has looked up yet. */
  readonly #byAddress = new Map<string, Uid[]>()
  readonly #byEmployeeId = new Map<string, Uid[]>()
  readonly #byEmail = new Map<string, Uid[]>()
  readonly #byMobile = new Map<string, Uid[]>()

  constructor(users: readonly UserRow[], { accounts, unclaimed }: ChannelAccounts) {
    this.users = new Map(users.map((user) => [user.uid, user]))
    this.#accounts = new Map(accounts.map((account) => [account.uid, account]))
    this.#unclaimed = new Map(unclaimed.map((account) => [account.platformUserId, account]))
    for (const { uid, platformUserId, address } of accounts) {
      if (platformUserId !== null) this.#byAccount.set(platformUserId, uid)
      else for (const key of addressKeys(address)) push(this.#byAddress, key, uid)
    }
    for (const { uid, employee_id: employeeId, email, mobile } of users) {
      if (employeeId !== null) push(this.#byEmployeeId, employeeId, uid)
      if (email !== null) push(this.#byEmail, email.toLowerCase(), uid)
      if (mobile !== null) push(this.#byMobile, mobile, uid)
    }
  }

  account(uid: Uid): ChannelAccount | null {
    return this.#accounts.get(uid) ?? null
  }

  /** Who is known to have the platform's account. */
  ownerOf(platformUserId: string): Uid | null {
    return this.#byAccount.get(platformUserId) ?? null
  }

  /** The row of an account that is nobody's. */
  unclaimed(platformUserId: string): UnclaimedAccount['row'] | null {
    return this.#unclaimed.get(platformUserId)?.row ?? null
  }

  /** Whether all of the address by which somebody is bound leads to this account. */
  leadsTo(uid: Uid, person: DirectoryPerson): boolean {
    const asked = addressKeys(this.#accounts.get(uid)?.address ?? {})
    const answers = keysOf(person)
    return asked.length > 0 && asked.every((key) => answers.includes(key))
  }

  /** Whether somebody else here has this e-mail address, mobile number or employee id. */
  isOthers(field: 'email' | 'mobile' | 'employeeId', value: string, except: Uid | null): boolean {
    const index = { email: this.#byEmail, mobile: this.#byMobile, employeeId: this.#byEmployeeId }[field]
    const holders = index.get(field === 'email' ? value.toLowerCase() : value) ?? []
    return holders.some((uid) => uid !== except)
  }

  /**
   * In this order: the account, an address that leads to it, the employee id, the e-mail address that the organisation
   * vouches for, the mobile number. The first that says something decides; where one of the others, but for the mobile
   * number, says somebody else, it is not clear.
   */
  whoIs(person: DirectoryPerson): WhoItIs {
    const { platformUserId, employeeId, email, isEmailProven, mobile } = person
    const claims = this.#unclaimed.get(platformUserId)?.claims ?? []
    const owner = this.ownerOf(platformUserId)
    const strong = [
      owner === null ? [] : [owner],
      [...new Set(keysOf(person).flatMap((key) => this.#byAddress.get(key) ?? []))],
      employeeId === null ? [] : (this.#byEmployeeId.get(employeeId) ?? []),
      email === null || !isEmailProven ? [] : (this.#byEmail.get(email.toLowerCase()) ?? []),
    ]
    const weak = mobile === null ? [] : (this.#byMobile.get(mobile) ?? [])
    const candidates = [...new Set([...claims, ...strong.flat(), ...weak])]
    if (claims.length > 1) return { kind: 'unclear', conflict: 'contested', candidates }
    const first = [...strong, weak].find((uids) => uids.length > 0)
    const [uid, another] = first ?? []
    if (uid === undefined) return { kind: 'new' }
    if (another !== undefined) return { kind: 'unclear', conflict: 'several_people', candidates }
    if (strong.some((uids) => uids.length > 0 && !uids.includes(uid))) {
      return { kind: 'unclear', conflict: 'different_people', candidates }
    }
    return { kind: 'known', uid, candidates }
  }
}

/** By what an address that is stored leads to an account. */
function addressKeys(address: Record<string, unknown>): string[] {
  return Object.entries(address).flatMap(([part, value]) => (typeof value === 'string' ? [keyOf(part, value)] : []))
}

/** By what an address could lead to this account. */
function keysOf({ platformUserId, email, isEmailProven, mobile, employeeId }: DirectoryPerson): string[] {
  return [
    keyOf('userId', platformUserId),
    keyOf('openId', platformUserId),
    ...(email === null || !isEmailProven ? [] : [keyOf('email', email)]),
    ...(mobile === null ? [] : [keyOf('mobile', mobile)]),
    ...(employeeId === null ? [] : [keyOf('employeeId', employeeId)]),
  ]
}

function keyOf(part: string, value: string): string {
  return `${part}|${part === 'email' ? value.toLowerCase() : value}`
}

function push(index: Map<string, Uid[]>, key: string, uid: Uid): void {
  const uids = index.get(key)
  if (uids === undefined) index.set(key, [uid])
  else if (!uids.includes(uid)) uids.push(uid)
}
