import { type LookupAddress, type LookupAllOptions, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type EgressPolicy, isAddressAllowed } from './public-address.ts'

/** The address that was given, or one that its name leads to, is not to be connected to. */
export class EgressRefused extends Error {
  override name = 'EgressRefused'
  readonly code = 'address_not_allowed'
}

/** No connection within the time there is for it: nothing was sent. */
export class ConnectTimeout extends Error {
  override name = 'ConnectTimeout'
  readonly code = 'connect_timeout'
}

type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface EgressDeps {
  /** Names to addresses; the system's own unless given. */
  resolve?: ResolveAll
  connectTimeoutMs?: number
}

/** The only way out to addresses that people may choose. */
export interface Egress {
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
  /** Throws EgressRefused for an address that need not even be looked up. */
  check(url: URL): void
}

const connectTimeoutMs = 3_000
const longestUrl = 2_048
/** Loopback by definition (RFC 6761, 6.3), whatever a resolver says. */
const localNames = /(^|\.)localhost\.?$/
/** Below these, only the web's own ports: mail and shell servers understand enough HTTP to be abused. */
const firstUnprivilegedPort = 1_024

/**
 * Guards a pair of agents at three places, because each alone has a way round it: an IP literal is never looked up; a name
 * may lead to another address each time it is looked up, so the addresses checked are the ones connected to; and what the
 * socket really reached is looked at before a byte is written. Connections are not kept.
 */
export function createEgress(policy: EgressPolicy, deps: EgressDeps = {}): Egress {
  const lookup = guardedLookup(policy, deps.resolve ?? systemLookup)
  const guard: Guard = { policy, lookup, connectTimeoutMs: deps.connectTimeoutMs ?? connectTimeoutMs }
  return {
    httpAgent: new GuardedHttpAgent(guard),
    httpsAgent: new GuardedHttpsAgent(guard),
    check: (url) => checkUrl(url, policy),
  }
}

function checkUrl(url: URL, policy: EgressPolicy): void {
  const refuse = (why: string): never => {
    throw new EgressRefused(why)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse('only http and https addresses can be called')
  if (url.username !== '' || url.password !== '') refuse('the address must not carry credentials')
  if (url.href.length > longestUrl) refuse(`the address is longer than ${longestUrl} characters`)
  const host = bareHost(url.hostname)
  const isLoopbackName = localNames.test(host) && !policy.allowPrivateNetworks
  if (isLoopbackName || (isIP(host) !== 0 && !isAddressAllowed(host, policy))) refuse('the address is not a public one')
  const port = url.port === '' ? null : Number(url.port)
  if (port !== null && port < firstUnprivilegedPort && port !== 80 && port !== 443)
    refuse(`port ${port} is not allowed`)
}

function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Refuses a name when any of its addresses is refused, and hands over exactly the addresses that were checked. */
export function guardedLookup(policy: EgressPolicy, resolve: ResolveAll): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const [first] = addresses
      if (first === undefined || !addresses.every(({ address }) => isAddressAllowed(address, policy))) {
        return callback(new EgressRefused('the name leads to an address that is not a public one'), '')
      }
      if (options.all === true) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
}

interface Guard {
  policy: EgressPolicy
  lookup: LookupFunction
  connectTimeoutMs: number
}

type ConnectionOptions = Parameters<HttpAgent['createConnection']>[0]

class GuardedHttpAgent extends HttpAgent {
  readonly #guard: Guard

  constructor(guard: Guard) {
    super({ keepAlive: false })
    this.#guard = guard
  }

  override createConnection(options: ConnectionOptions): Socket {
    return connect(this.#guard, options, (guarded) => super.createConnection(guarded), 'connect')
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  readonly #guard: Guard

  constructor(guard: Guard) {
    super({ keepAlive: false, minVersion: 'TLSv1.2' })
    this.#guard = guard
  }

  override createConnection(options: ConnectionOptions): Socket {
    return connect(this.#guard, options, (guarded) => super.createConnection(guarded), 'secureConnect')
  }
}

function connect(
  guard: Guard,
  options: ConnectionOptions,
  open: (options: ConnectionOptions) => Duplex | null | undefined,
  ready: 'connect' | 'secureConnect',
): Socket {
  const host = bareHost(options.host ?? options.hostname ?? '')
  if (isIP(host) !== 0 && !isAddressAllowed(host, guard.policy)) {
    return new Socket().destroy(new EgressRefused('the address is not a public one'))
  }
  const socket = open({ ...options, lookup: guard.lookup })
  if (!(socket instanceof Socket)) throw new Error('an agent opened something that is no socket')
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeout(`no connection within ${guard.connectTimeoutMs / 1_000} s`))
  }, guard.connectTimeoutMs)
  socket.once('connect', () => {
    if (isAddressAllowed(socket.remoteAddress ?? '', guard.policy)) return
    socket.destroy(new EgressRefused('the connection reached an address that is not a public one'))
  })
  socket.once(ready, () => clearTimeout(timer))
  socket.once('close', () => clearTimeout(timer))
  return socket
}
