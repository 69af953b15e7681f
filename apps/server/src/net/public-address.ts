import { BlockList, isIP } from 'node:net'

/** What may be connected to, beside the public internet. */
export interface EgressPolicy {
  /** Loopback, RFC 1918, shared address space and unique local addresses: for hosts in the user's own network. */
  allowPrivateNetworks: boolean
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', prefix = ''] = subnet.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/*
 * IPv4 and IPv6 stand in lists of their own: a list holding both takes `::ffff:10.0.0.1` for 10.0.0.1, and what is
 * mapped, compatible or translated is never to be let through by way of the other family.
 */
const privateV4 = listOf(['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
const privateV6 = listOf(['::1/128', 'fc00::/7'])
/** Never, not even where private networks are allowed: credentials of the machine itself are to be had there. */
const metadataV4 = listOf(['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'])
const metadataV6 = listOf(['fd00:ec2::254/128', 'fd20:ce::254/128', 'fe80::/10'])
/** IANA's special-purpose registry: nobody's public address. */
const reservedV4 = listOf([
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
/** All that is public in IPv6 lies here, so that mapped, translated and link-local addresses fall out by construction. */
const globalV6 = listOf(['2000::/3'])
const reservedV6 = listOf(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/** Whether a connection to this IP address may be opened. Anything that is no IP address may not. */
export function isAddressAllowed(address: string, policy: EgressPolicy): boolean {
  const family = isIP(address)
  if (family === 4) {
    if (metadataV4.check(address) || reservedV4.check(address)) return false
    return policy.allowPrivateNetworks || !privateV4.check(address)
  }
  // An address with a zone belongs to one link of this machine.
  if (family !== 6 || address.includes('%')) return false
  if (metadataV6.check(address, 'ipv6')) return false
  if (privateV6.check(address, 'ipv6')) return policy.allowPrivateNetworks
  return globalV6.check(address, 'ipv6') && !reservedV6.check(address, 'ipv6')
}
