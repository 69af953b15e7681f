import { openedIfIntact, type Sealer } from '#server/crypto/seal.ts'
import { type AddressOwner, openAddress, plainAddress } from '#server/db/user-address.ts'
import type { AddressParts } from '#server/verification/codes.ts'

/** Parts by which a platform finds an account: two people with the same are the same account. */
const identifying = ['email', 'mobile', 'employeeId'] as const

/** Whether the address is the one that is stored, to the letter. */
export function isStoredAddress(sealer: Sealer, owner: AddressOwner, stored: unknown, address: AddressParts): boolean {
  const before = openedIfIntact(() => openAddress(sealer, owner, stored))
  if (before === undefined) return false
  const parts = Object.entries(address)
  return parts.length === Object.keys(before).length && parts.every(([part, value]) => before[part] === value)
}

/** Whether an address as stored for somebody leads to this account, or to whomever this address leads to. */
export function leadsToSame(stored: unknown, address: AddressParts, platformUserId: string): boolean {
  const other = plainAddress(stored)
  if (other.userId === platformUserId) return true
  return identifying.some((part) => {
    const value = other[part]
    return typeof value === 'string' && value.toLowerCase() === address[part]?.toLowerCase()
  })
}
