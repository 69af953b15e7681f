import type { LoginChannel, LoginOptions } from '@countersign/contracts'
import { type Bridge, BridgeError, type HostSigns } from './host.ts'

/** A host: how it shows itself, which channels log in there, and where its code is. */
interface Host {
  userAgent: RegExp
  channels: readonly string[]
  load: () => Promise<Bridge>
}

/** One line per host. The code of a host is loaded inside it and nowhere else. */
const hosts: readonly Host[] = [
  // Both brands write `Lark/<version>`; which of the two it is, our own settings say, not the user agent.
  {
    userAgent: /\bLark\//i,
    channels: ['lark', 'feishu'],
    load: async () => (await import('./lark.ts')).larkBridge(window),
  },
]

export interface SilentLogin {
  tenant: string
  channel: LoginChannel
  bridge: () => Promise<Bridge>
}

/** The apps that can be logged in to, after the hint of the address. */
export function candidates(options: LoginOptions, hint: { tenant: string | undefined; channel: string | undefined }) {
  return options.tenants
    .filter((tenant) => hint.tenant === undefined || tenant.id === hint.tenant)
    .flatMap((tenant) => tenant.channels.map((channel) => ({ tenant: tenant.id, channel })))
    .filter(({ channel }) => hint.channel === undefined || channel.channel === hint.channel)
}

/**
 * The log-in that the surrounding chat app can do without the person: inside a known host (or a frame, whose owner
 * can only be a platform), with exactly one app left after the hint.
 */
export function findSilentLogin(
  options: LoginOptions,
  hint: { tenant: string | undefined; channel: string | undefined },
  signs: HostSigns,
): SilentLogin | undefined {
  for (const host of hosts) {
    if (!host.userAgent.test(signs.userAgent) && !signs.framed) continue
    const possible = candidates(options, hint).filter(
      ({ channel }) => host.channels.includes(channel.channel) && channel.jsSdkUrl !== null,
    )
    const [only, ...others] = possible
    if (only === undefined || others.length > 0) continue
    return {
      ...only,
      bridge: () =>
        host.load().catch((cause: unknown) => {
          throw new BridgeError('unavailable', 'The code for this chat app did not load.', cause)
        }),
    }
  }
  return undefined
}

/** The signs of this page's host. */
export const readHostSigns = (): HostSigns => ({ userAgent: navigator.userAgent, framed: window.self !== window.top })
