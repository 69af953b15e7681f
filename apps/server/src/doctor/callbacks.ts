import { isIP } from 'node:net'
import type { Channel } from '#server/channels/channel.ts'
import type { Examination, Finding } from '#server/channels/finding.ts'
import type { Sighting } from '#server/db/sighting-store.ts'
import { isAddressAllowed } from '#server/net/public-address.ts'
import { doctorPhrases as say } from './phrases.ts'

const refusedPrefix = 'refused:'
const iso = (at: number): string => new Date(at).toISOString()

type Seen = Pick<Examination, 'sightings' | 'publicUrl'>

/** Whether taps and messages reach this host, proved by what has come in. */
export function examineCallbacks(channel: Channel, examination: Seen): [taps: Finding, messages: Finding] {
  const way = channel.connect === undefined ? 'http' : 'connection'
  const seen = examination.sightings.filter((sighting) => sighting.way === way)
  return [reached(channel, seen, examination), messageReached(seen)]
}

function reached(channel: Channel, seen: readonly Sighting[], { publicUrl }: Seen): Finding {
  const id = 'callback_reached'
  if (!channel.takesActions) {
    return { id, status: 'failed', evidence: say('unverifiable'), code: 'not_configured', fix: say('setSecrets') }
  }
  const tap = seen.find(({ kind }) => kind === 'action')
  const refused = seen.find(({ kind }) => kind.startsWith(refusedPrefix))
  const code = refused?.kind.slice(refusedPrefix.length) ?? ''
  if (tap !== undefined && (refused === undefined || refused.at <= tap.at)) {
    return { id, status: 'ok', evidence: say('tapped', { at: iso(tap.at) }) }
  }
  if (tap !== undefined && refused !== undefined) {
    // Anybody can send what is then refused: after a tap that was believed it is no proof of anything.
    const evidence = say('refusedSince', { tappedAt: iso(tap.at), at: iso(refused.at), code })
    return { id, status: 'warning', evidence, code, fix: say('compareSecrets') }
  }
  if (refused !== undefined) {
    const evidence = say('onlyRefused', { at: iso(refused.at), code })
    return { id, status: 'failed', evidence, code, fix: say('compareSecrets') }
  }
  const isUnreachable = channel.connect === undefined && isPrivate(publicUrl)
  const evidence = isUnreachable ? say('neverTappedPrivate', { publicUrl }) : say('neverTapped')
  return { id, status: 'unknown', evidence, fix: isUnreachable ? say('publish') : say('tap') }
}

function messageReached(seen: readonly Sighting[]): Finding {
  const id = 'message_reached'
  const message = seen.find(({ kind }) => kind === 'message')
  return message === undefined
    ? { id, status: 'unknown', evidence: say('neverWritten'), fix: say('write') }
    : { id, status: 'ok', evidence: say('written', { at: iso(message.at) }) }
}

/** Whether an address is plainly none that a platform on the internet could call. */
export function isPrivate(publicUrl: string): boolean {
  const { hostname } = new URL(publicUrl)
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0) return !isAddressAllowed(address, { allowPrivateNetworks: false })
  return address === 'localhost' || address.endsWith('.localhost') || address.endsWith('.local')
}
