import type { Coverage } from '#sandbox/platforms/lark/coverage.ts'

/** What the mail server does. */
export const coverage: Coverage[] = [
  {
    method: 'SMTP',
    path: 'mail',
    support: 'supported',
    fields:
      'EHLO, STARTTLS (own certificate), AUTH PLAIN and LOGIN, SIZE, PIPELINING, 8BITMIME, SMTPUTF8; one copy per envelope recipient',
    codes: '250 421 451 530 535 550 552',
    notes: 'No implicit TLS, no bounces, no DKIM or SPF. 421 and 451 by a fault.',
  },
]
