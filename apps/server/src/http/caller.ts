import ipaddr from 'ipaddr.js'

/** Of an IPv6 address, the part that one connection to the internet has for itself: whoever has it has 2⁶⁴ addresses. */
const networkParts = 4

/**
 * Who is counted where callers are limited: the IPv4 address, or the /64 network of the IPv6 address. `address` as Express
 * gives it: the connection's own, or what the proxies in front that are trusted say (TRUST_PROXY).
 */
export function callerOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return ''
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return parsed.parts
    .slice(0, networkParts)
    .map((part) => part.toString(16))
    .join(':')
}
