import { createHmac } from 'node:crypto'
import type { ChannelName, TenantId } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import type { KeyRing } from '#server/crypto/key-ring.ts'
import type { AddressParts } from '#server/verification/codes.ts'

/** Tells addresses apart in the audit without saying them. Keyed, because numbers are few enough to be tried out. */
export type Fingerprint = (tenantId: TenantId, channel: ChannelName, address: AddressParts) => string

const characters = 16

export function createFingerprint(keys: KeyRing): Fingerprint {
  return (tenantId, channel, address) =>
    createHmac('sha256', keys.current('code').bytes)
      .update(canonicalize(['fingerprint', tenantId, channel, address]) ?? '')
      .digest('base64url')
      .slice(0, characters)
}
