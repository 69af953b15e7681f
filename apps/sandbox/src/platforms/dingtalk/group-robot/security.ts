import { BlockList } from 'node:net'
import { signRobotMessage } from '#sandbox/platforms/dingtalk/signatures.ts'
import type { GroupRobot } from './robots.ts'

const TOLERANCE_MS = 3_600_000

/** What is known of a call before its message is read. */
export interface Caller {
  query: URLSearchParams
  address: string
  /** Milliseconds since the epoch, as everybody sees it. */
  now: number
}

/** Why a caller may not speak for this robot, in the platform's words; undefined when it may. */
export function refuseCaller(robot: GroupRobot, { query, address, now }: Caller): string | undefined {
  const timestamp = query.get('timestamp') ?? ''
  if (robot.secret !== undefined) {
    const at = /^\d{13}$/.test(timestamp) ? Number(timestamp) : Number.NaN
    if (!(Math.abs(now - at) <= TOLERANCE_MS)) return 'invalid timestamp'
    // The same recipe as for messages to a robot: key and text both carry the secret.
    if (query.get('sign') !== signRobotMessage(timestamp, robot.secret)) return 'sign not match'
  }
  const ip = address.replace(/^::ffff:/, '')
  if (robot.allowedIps.length > 0 && !allowList(robot.allowedIps).check(ip, ip.includes(':') ? 'ipv6' : 'ipv4')) {
    return `ip ${ip} not in whitelist`
  }
  return undefined
}

/** The same for what a message says. */
export function refuseTexts({ keywords }: GroupRobot, texts: readonly string[]): string | undefined {
  if (keywords.length === 0) return undefined
  return keywords.some((word) => texts.some((text) => text.includes(word))) ? undefined : 'keywords not in content'
}

function allowList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [network = '', prefix] = entry.split('/')
    if (prefix === undefined) list.addAddress(network)
    else list.addSubnet(network, Number(prefix))
  }
  return list
}
