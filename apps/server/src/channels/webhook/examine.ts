import type { Examination, Finding } from '#server/channels/finding.ts'
import { groupFailures } from '#server/channels/recent-failures.ts'
import { webhookPhrases as say } from './phrases.ts'

const refusedCode = 'address_not_allowed'

/** What may be called. What receivers said to the newest messages, host by host, is found for every channel alike. */
export async function* examineWebhooks(
  { allowPrivateNetworks, hostOf }: { allowPrivateNetworks: boolean; hostOf: (address: unknown) => string },
  { addresses, recentDeliveries }: Examination,
): AsyncGenerator<Finding> {
  const id = 'private_networks'
  if (allowPrivateNetworks) {
    yield { id, status: 'ok', evidence: say('privateAllowed') }
    return
  }
  const hosts = new Map(addresses.map(({ uid, address }) => [uid, hostOf(address)]))
  const refused = groupFailures(recentDeliveries, (uid) => hosts.get(uid) ?? uid).filter(
    ({ code }) => code === refusedCode,
  )
  if (refused.length === 0) {
    yield { id, status: 'ok', evidence: say('privateBarred') }
    return
  }
  const evidence = say('privateRefused', { hosts: refused.map(({ place }) => place ?? '').join(', ') })
  yield { id, status: 'failed', evidence, code: refusedCode, fix: say('allowPrivate') }
}
