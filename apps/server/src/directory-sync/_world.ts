import type { ChannelName, Role } from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { ChannelAccount, ChannelAccounts } from '#server/db/directory-read-store.ts'
import type { UserRow } from '#server/db/settings-store.ts'
import { emptyRow } from '#server/people/change.ts'
import { planSync, type SyncInput } from './plan.ts'

export const at = Date.parse('2026-11-02T09:00:00Z')

/** Somebody of the directory: by their account alone, unless more is given. */
export function inDirectory(platformUserId: string, given: Partial<DirectoryPerson> = {}): DirectoryPerson {
  const blank = { name: null, email: null, isEmailProven: true, mobile: null, employeeId: null, isFrozen: false }
  return { platformUserId, ...blank, address: { userId: platformUserId }, ...given }
}

type Given = Partial<Pick<UserRow, 'name' | 'email' | 'mobile' | 'employee_id' | 'disabled' | 'provisioned'>>

/** Somebody of the tenant. */
export function inTenant(uid: string, given: Given & { roles?: readonly Role[] } = {}): UserRow {
  const { roles = ['user'], ...fields } = given
  return { ...emptyRow('acme', uid), roles: JSON.stringify(roles), ...fields }
}

/** Bound to the channel, and known by this account; null: not looked up. */
export function account(
  uid: string,
  platformUserId: string | null,
  more: Partial<Pick<ChannelAccount, 'address' | 'isProvisioned'>> = {},
): ChannelAccount {
  const address = more.address ?? { userId: platformUserId ?? '' }
  return { uid, address, addressDigest: `digest-${uid}`, isProvisioned: more.isProvisioned ?? false, platformUserId }
}

export function input(
  people: readonly DirectoryPerson[],
  users: readonly UserRow[],
  accounts: readonly ChannelAccount[] = [],
  more: Partial<SyncInput> & { unclaimed?: ChannelAccounts['unclaimed'] } = {},
): SyncInput {
  const { unclaimed = [], ...rest } = more
  const channel: ChannelName = 'dingtalk'
  return {
    ...{ tenantId: 'acme', channel, readId: 'read-1', isWhole: true, uidFrom: 'employeeId', at },
    resolutions: new Map(),
    ...{ people, users, accounts: { accounts: [...accounts], unclaimed } },
    ...rest,
  }
}

/** The rows of a plan, by account or uid, without what is usual. */
export function planned(...given: Parameters<typeof input>) {
  return planSync(input(...given)).rows.map(
    ({ person, uid, isNew, isGone, changes, binding, notes, conflict, candidates }) => ({
      account: person?.platformUserId ?? null,
      uid,
      ...(isNew ? { isNew } : {}),
      ...(isGone ? { isGone } : {}),
      ...(changes.length > 0 ? { changes } : {}),
      ...(binding === null ? {} : { binds: true }),
      ...(binding?.takenFrom == null ? {} : { takenFrom: binding.takenFrom }),
      ...(notes.length > 0 ? { notes } : {}),
      ...(conflict === null ? {} : { conflict, candidates }),
    }),
  )
}
