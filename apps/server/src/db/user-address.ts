import { createHash } from 'node:crypto'
import { ChannelName } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { type Sealer, sealContext } from '#server/crypto/seal.ts'

/** Robot addresses carry their access token, so whoever reads one can post to the group: the address itself is secret. */
const secretParts: Partial<Record<ChannelName, readonly string[]>> = {
  dingtalkRobot: ['url', 'secret'],
  wecomRobot: ['url'],
  webhook: ['url', 'signatureKey'],
}

/**
 * What makes two people's addresses the same group: who posts there speaks to both of them at once. Their digest is
 * stored in clear, so only what the platform made at random goes into it. A web hook is one person's, as in DMS.
 */
const groupParts: Partial<Record<ChannelName, readonly string[]>> = {
  dingtalkRobot: ['url', 'secret'],
  wecomRobot: ['url'],
}

const StoredAddress = z.record(z.string(), z.unknown())
const SealedParts = z.record(z.string(), z.string())
/** Where the sealed parts stand in the stored address. No platform's address has a part of that name. */
const sealedName = 'sealed'
/** Where a digest of the group stands. */
const groupName = 'group'

/** Whose address it is: sealed parts do not open for anybody else. */
export interface AddressOwner {
  tenantId: string
  uid: string
  channel: ChannelName
}

export function addressOwner(row: { tenant_id: string; uid: string; channel: string }): AddressOwner {
  return { tenantId: row.tenant_id, uid: row.uid, channel: ChannelName.parse(row.channel) }
}

/** JSON for `user_channels.address`. */
export function storeAddress(sealer: Sealer, owner: AddressOwner, address: Readonly<Record<string, unknown>>): string {
  const secret = secretParts[owner.channel] ?? []
  const given = Object.entries(address).filter(([, value]) => value !== undefined)
  const sealed = given.flatMap(([part, value]) =>
    secret.includes(part) && typeof value === 'string'
      ? [[part, sealer.seal(value, placeOf(owner, part))] as const]
      : [],
  )
  return JSON.stringify({
    ...Object.fromEntries(given.filter(([part]) => !secret.includes(part))),
    ...(sealed.length === 0 ? {} : { [sealedName]: Object.fromEntries(sealed) }),
    ...groupPart(owner, address),
  })
}

/** The address as it was given. `stored` is parsed JSON. Throws SealError. */
export function openAddress(
  sealer: Pick<Sealer, 'open'>,
  owner: AddressOwner,
  stored: unknown,
): Record<string, unknown> {
  const { [sealedName]: sealed = {}, [groupName]: _group, ...plain } = StoredAddress.parse(stored)
  const opened = Object.entries(SealedParts.parse(sealed)).map(([part, value]) => [
    part,
    sealer.open(value, placeOf(owner, part)),
  ])
  return { ...plain, ...Object.fromEntries(opened) }
}

/** The address without its secret parts. */
export function plainAddress(stored: unknown): Record<string, unknown> {
  const { [sealedName]: _sealed, [groupName]: _group, ...plain } = StoredAddress.parse(stored)
  return plain
}

export function hasStalePart(sealer: Sealer, stored: unknown): boolean {
  const { [sealedName]: sealed = {} } = StoredAddress.parse(stored)
  return Object.values(SealedParts.parse(sealed)).some((value) => sealer.isStale(value))
}

/** Tells addresses apart: an account found by one address is not trusted for another. */
export function addressDigest(channel: ChannelName, stored: unknown): string {
  const text = canonicalize([channel, stored])
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex')
}

/** The same for all people of a tenant who are in the same group; null where an address is one person's own. */
export function groupOf(stored: unknown): string | null {
  const { [groupName]: group } = StoredAddress.parse(stored)
  return typeof group === 'string' ? group : null
}

function groupPart({ tenantId, channel }: AddressOwner, address: Readonly<Record<string, unknown>>) {
  const parts = groupParts[channel]
  if (parts === undefined) return {}
  const text = canonicalize([tenantId, channel, ...parts.map((part) => address[part] ?? null)])
  return {
    [groupName]: createHash('sha256')
      .update(text ?? '')
      .digest('base64url'),
  }
}

function placeOf(owner: AddressOwner, part: string): string {
  return sealContext({
    tenant: owner.tenantId,
    table: 'user_channels',
    column: 'address',
    row: `${owner.uid}.${owner.channel}.${part}`,
  })
}
