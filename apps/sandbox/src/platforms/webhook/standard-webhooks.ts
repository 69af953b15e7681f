import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import type { Verdict } from './verdict.ts'

const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

/** What the specification's own library makes of the three headers. */
export function verifyStandardHeaders(
  secret: string | undefined,
  headers: Record<string, string | string[] | undefined>,
  body: string,
): Verdict {
  const given = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]))
  const isSigned = names.some((name) => given[name] !== '')
  if (secret === undefined) {
    return isSigned ? { state: 'invalid', reason: 'signed, but no secret is known here' } : { state: 'unsigned' }
  }
  if (!isSigned) return { state: 'missing', reason: 'no webhook-signature' }
  try {
    new Webhook(secret).verify(body, given)
    return { state: 'valid' }
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    return { state: 'invalid', reason: error.message }
  }
}
