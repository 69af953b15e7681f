import type { Coverage } from '#sandbox/platforms/lark/coverage.ts'

/** What a webhook receiver verifies. */
export const coverage: Coverage[] = [
  {
    method: 'POST',
    path: 'webhook /hooks/:id',
    support: 'supported',
    fields:
      'DMS-Event, messageEvent and its fields, signatureMethod, signatureText; webhook-id, webhook-timestamp, webhook-signature',
    codes: '200, or as told: any status, 429 with Retry-After, 307, slow, huge body',
    notes:
      'The bytes under signatureText are not documented. Here: Base64(HMAC-SHA1(key, address + "\\n" + messageEvent as sent)); other readings are recipes of the receiver.',
  },
]
