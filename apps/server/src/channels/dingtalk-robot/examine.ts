import { channelAddresses } from '@countersign/contracts'
import type { Examination, Finding } from '#server/channels/finding.ts'
import { groupRobotPhrases as say } from '#server/channels/group-robot-phrases.ts'
import { examineRobots, robotsOf } from '#server/channels/group-robots.ts'
import { groupFailures } from '#server/channels/recent-failures.ts'

const Address = channelAddresses.dingtalkRobot
const urlOf = (address: unknown): string => Address.parse(address).url

/** Token unknown, robot stopped, robot gone, group dissolved. */
const goneCodes: ReadonlySet<string> = new Set(['400101', '400102', '400106', '400013'])
/** Keyword, signature or address list: the words say which. */
const barred = '310000'

/** Nothing can be asked of a robot without speaking in its group. Documents: README.md. */
export async function* examineDingtalkRobots(keyword: string, examination: Examination): AsyncGenerator<Finding> {
  yield examineRobots(examination, { urlOf, goneCodes })
  if (examination.addresses.length > 0) yield securityFinding(keyword, examination)
}

function securityFinding(keyword: string, examination: Examination): Finding {
  const id = 'robot_security'
  const robots = robotsOf(examination, urlOf)
  const signedRobots = robotsOf(
    { addresses: examination.addresses.filter(({ address }) => Address.parse(address).secret !== undefined) },
    urlOf,
  )
  const facts = { keyword, signed: signedRobots.size, count: robots.size }
  const nameOf = (uid: string): string | null => [...robots].find(([, people]) => people.has(uid))?.[0] ?? null
  const refusals = groupFailures(examination.recentDeliveries, nameOf).filter(({ code }) => code === barred)
  const [first] = refusals
  if (first === undefined) return { id, status: 'ok', evidence: say('securityFacts', facts) }
  const evidence = say('securityRefused', {
    ...facts,
    robots: refusals.map(({ place, people }) => place ?? people.join(', ')).join(', '),
    reasons: [...new Set(refusals.map(({ text }) => text))].join('; '),
  })
  return { id, status: 'failed', evidence, code: barred, fix: fixOf(first.text, keyword) }
}

/** As the platform words it: `keywords not in content`, `sign not match`, `invalid timestamp`, `ip … not in whitelist`. */
function fixOf(reason: string, keyword: string): Finding['fix'] & object {
  if (/sign|timestamp/i.test(reason)) return say('fixSignature')
  return /\bip\b/i.test(reason) ? say('fixAddressList') : say('fixKeyword', { keyword })
}
