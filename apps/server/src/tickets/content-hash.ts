import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { TicketContent } from './ticket.ts'

/**
 * `sha256:` and the hex digest of the content in canonical JSON (RFC 8785). It stands in every button and in the audit:
 * what was seen is what was approved.
 */
export function contentHash(content: TicketContent): string {
  return `sha256:${createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('hex')}`
}
