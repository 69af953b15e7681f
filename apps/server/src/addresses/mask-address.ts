import type { ChannelName } from '@countersign/contracts'
import { openedIfIntact, type Sealer } from '#server/crypto/seal.ts'
import { type AddressOwner, openAddress, plainAddress } from '#server/db/user-address.ts'

const dots = '••••'
/** Of a robot's address, all but the token that lets whoever has it post to the group. */
const pathIsPublic: ReadonlySet<ChannelName> = new Set(['dingtalkRobot', 'wecomRobot'])

/**
 * An address for the eyes of whose it is: enough to recognise it by. Most of a number, and everything secret, are dots. An
 * address whose seal does not hold shows what is not secret.
 */
export function maskAddress(sealer: Sealer, owner: AddressOwner, stored: unknown): Record<string, string> {
  const address = openedIfIntact(() => openAddress(sealer, owner, stored)) ?? plainAddress(stored)
  return Object.fromEntries(
    Object.entries(address).flatMap(([part, value]) =>
      typeof value === 'string' ? [[part, maskPart(owner.channel, part, value)] as const] : [],
    ),
  )
}

function maskPart(channel: ChannelName, part: string, value: string): string {
  switch (part) {
    case 'mobile':
      return maskNumber(value)
    case 'url':
      return maskUrl(value, pathIsPublic.has(channel))
    case 'secret':
    case 'signatureKey':
      return dots
    default:
      return value
  }
}

function maskNumber(mobile: string): string {
  return `${mobile.slice(0, 3)}${dots}${mobile.slice(-4)}`
}

function maskUrl(text: string, showsPath: boolean): string {
  if (!URL.canParse(text)) return dots
  const url = new URL(text)
  if (!showsPath) return `${url.origin}/${dots}`
  const query = [...url.searchParams.keys()].map((name) => `${name}=${dots}`).join('&')
  return `${url.origin}${url.pathname}${query === '' ? '' : `?${query}`}`
}
