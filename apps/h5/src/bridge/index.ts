import type { LoginChannel, LoginOptions } from '@countersign/contracts'
import { type Bridge, BridgeError, type HostedPage, type HostSigns } from './host.ts'

/** A host: how it shows itself, which channels log in there, and where its code is. */
interface Host {
  userAgent: RegExp
  channels: readonly string[]
  /** Whether the channel is set up for a log-in inside the host. */
  logsIn: (channel: LoginChannel) => boolean
  /** The host's bars need to be told about the page. */
  hasBars: boolean
  load: () => Promise<Bridge>
}

/** Both brands write `Lark/<version>`; which of the two it is, our own settings say, not the user agent. */
const lark: Host = {
  userAgent: /\bLark\//i,
  channels: ['lark', 'feishu'],
  logsIn: (channel) => channel.jsSdkUrl !== null,
  hasBars: false,
  load: async () => (await import('./lark.ts')).larkBridge(window),
}

/** Both editions look alike: on phones `AliApp(DingTalk/<version>)`, on computers `DingTalk(<version>)`. */
const dingtalk: Host = {
  userAgent: /DingTalk/i,
  channels: ['dingtalk', 'dingtalkExclusive'],
  logsIn: (channel) => channel.corpId !== null,
  hasBars: true,
  load: async () => (await import('./dingtalk.ts')).openDingtalk(),
}

/** One line per host. The code of a host is loaded inside it and nowhere else. */
const hosts: readonly Host[] = [lark, dingtalk]

/** What the address says about whom to log in with. */
export interface Hint {
  tenant: string | undefined
  channel: string | undefined
  corpId?: string | undefined
}

export interface SilentLogin {
  tenant: string
  channel: LoginChannel
  bridge: () => Promise<Bridge>
}

/** The apps that can be logged in to, after the hint of the address: by name, else by organisation, else all. */
export function candidates(options: LoginOptions, hint: Hint) {
  const named = options.tenants
    .filter((tenant) => hint.tenant === undefined || tenant.id === hint.tenant)
    .flatMap((tenant) => tenant.channels.map((channel) => ({ tenant: tenant.id, channel })))
    .filter(({ channel }) => hint.channel === undefined || channel.channel === hint.channel)
  const ofOrganisation = named.filter(({ channel }) => channel.corpId !== null && channel.corpId === hint.corpId)
  return ofOrganisation.length > 0 ? ofOrganisation : named
}

/** The host around us. One that frames us without saying who it is can be Lark's client on a computer. */
const hostOf = (signs: HostSigns): Host | undefined =>
  hosts.find((host) => host.userAgent.test(signs.userAgent)) ?? (signs.framed ? lark : undefined)

const loadBridge = (host: Host): Promise<Bridge> =>
  host.load().catch((cause: unknown) => {
    throw new BridgeError('unavailable', 'The code for this chat app did not load.', cause)
  })

/**
 * The log-in that the surrounding chat app can do without the person: inside a known host (or a frame, whose owner
 * can only be a platform), with exactly one app left after the hint.
 */
export function findSilentLogin(options: LoginOptions, hint: Hint, signs: HostSigns): SilentLogin | undefined {
  const host = hostOf(signs)
  if (host === undefined) return undefined
  const possible = candidates(options, hint).filter(
    ({ channel }) => host.channels.includes(channel.channel) && host.logsIn(channel),
  )
  const [only, ...others] = possible
  if (only === undefined || others.length > 0) return undefined
  return { ...only, bridge: () => loadBridge(host) }
}

/** Lets title, back and close of the surrounding chat app follow the page. */
export async function followPage(page: HostedPage, signs: HostSigns): Promise<void> {
  const host = hostOf(signs)
  if (host?.hasBars !== true) return
  try {
    const bridge = await loadBridge(host)
    bridge.followPage?.(page)
  } catch (thrown) {
    // Without it the bars do what they do for any page: nothing that a person could be told.
    if (!(thrown instanceof BridgeError)) throw thrown
  }
}

/** The signs of this page's host. */
export const readHostSigns = (): HostSigns => ({ userAgent: navigator.userAgent, framed: window.self !== window.top })
