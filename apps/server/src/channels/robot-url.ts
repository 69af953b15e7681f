import type { Egress } from '#server/net/egress.ts'
import type { OutgoingGuards } from './messenger-deps.ts'

/** Where the robots of a platform are. */
export interface RobotPlace {
  /** The platform's own: scheme, host and port. */
  origin: string
  path: string
  /** Names the parameter that carries the robot's token. */
  token: string
  /** Others that the administrator allows. */
  others: readonly string[]
}

/**
 * Why a person cannot give this address for a group robot; null: they can. Whoever may choose an address freely could have
 * this host speak to any other, so it must be the platform's own, or one that the administrator has listed.
 */
export function refuseRobotUrl(given: string, place: RobotPlace): string | null {
  const url = URL.parse(given)
  if (url === null || url.username !== '' || url.password !== '') return 'must be the address of a group robot'
  if (place.others.includes(url.origin)) return null
  const isRobot = url.pathname === place.path && (url.searchParams.get(place.token) ?? '') !== ''
  if (url.origin === place.origin && isRobot) return null
  return `must begin with ${place.origin}${place.path}?${place.token}=`
}

/** The way out to it: what the operator wrote or the administrator listed may lie in a private network. */
export function robotEgress(
  url: string,
  { isOperators, others, egress }: { isOperators: boolean; others: readonly string[]; egress: OutgoingGuards },
): Egress {
  return isOperators || others.includes(new URL(url).origin) ? egress.open : egress.publicOnly
}
