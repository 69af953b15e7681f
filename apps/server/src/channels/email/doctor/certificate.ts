import type { Finding } from '#server/channels/finding.ts'
import { emailPhrases as say } from './phrases.ts'
import type { Encryption } from './smtp-line.ts'

export const encryptionId = 'mail_encryption'
/** Enough to have a certificate renewed. */
const soonMs = 14 * 24 * 60 * 60 * 1_000

/** Of a connection whose certificate was believed. `now` in epoch milliseconds. */
export function certificateFinding({ protocol, validTo, issuer }: Encryption, now: number): Finding {
  const id = encryptionId
  if (validTo === null) return { id, status: 'ok', evidence: say('unverified', { protocol }) }
  const evidence = say('certificate', { protocol, issuer, until: new Date(validTo).toISOString() })
  if (validTo - now >= soonMs) return { id, status: 'ok', evidence }
  return { id, status: 'warning', evidence, fix: say('renewCertificate') }
}
