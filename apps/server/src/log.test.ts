import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeyRing } from './crypto/key-ring.ts'
import { createSealer } from './crypto/seal.ts'
import { createLog, KnownSecrets, logOf, sealerKnownTo } from './log.ts'

const canary = 'canary-7f2a-value'

function recorder(secrets?: KnownSecrets) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ level: 'trace', destination, ...(secrets === undefined ? {} : { secrets }) })
  return { log, text: () => lines.join(''), entries: () => lines.map((line): unknown => JSON.parse(line)) }
}

describe('a log line', () => {
  it('is one JSON object with time, level, subsystem, fields and a sentence', () => {
    const { log, entries } = recorder()
    logOf(log, 'delivery').info({ ticketId: 't1', channel: 'lark' }, 'card sent')
    expect(entries()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        level: 'info',
        subsystem: 'delivery',
        ticketId: 't1',
        channel: 'lark',
        msg: 'card sent',
      },
    ])
  })

  it.each([
    'secret',
    'appSecret',
    'app_secret',
    'encryptKey',
    'verificationToken',
    'access_token',
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'x-lark-signature',
    'key',
    'code',
    'email',
    'mobile',
    'password',
    'nonce',
    'proof',
    'callbackSecret',
    'accessKeySecret',
    'webhookSecret',
    'smtpUrl',
    'title',
    'description',
    'comment',
    'text',
    'body',
  ])('hides %s, at any depth', (name) => {
    const { log, text } = recorder()
    log.info({ [name]: canary, one: { two: [{ [name]: { three: canary } }] } }, 'something happened')
    expect(text()).not.toContain(canary)
    expect(text()).toContain('[redacted]')
  })

  it('hides secrets among the fields of a child log too', () => {
    const { log, text } = recorder()
    log.child({ subsystem: 'ops', appSecret: canary }).info('started')
    expect(text()).not.toContain(canary)
  })

  it('keeps what is needed to follow a ticket', () => {
    const { log, entries } = recorder()
    const fields = { ticketId: 't', deliveryId: 'd', noticeKey: 'pending:1:0', platformCode: '230013', uid: 'alice' }
    log.info(fields, 'delivery failed')
    expect(entries()).toMatchObject([fields])
  })

  it('shows an error by name, message, code and cause, and nothing an HTTP client hung on it', () => {
    const { log, text, entries } = recorder()
    const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const error = Object.assign(new Error('call failed', { cause }), {
      code: '99991663',
      config: { headers: { authorization: canary }, data: canary },
      response: { data: canary },
    })
    log.error({ err: error }, 'cannot send')
    log.error(error)
    expect(text()).not.toContain(canary)
    for (const entry of entries())
      expect(entry).toMatchObject({ err: { message: 'call failed', code: '99991663', cause: { code: 'ECONNRESET' } } })
  })

  it('masks phone numbers and e-mail addresses in every sentence', () => {
    const { log, text } = recorder()
    log.warn(
      { detail: 'no account for +6591234567', err: new Error('unknown: bob.lee@acme.test') },
      'call +86 138 0013 8000',
    )
    log.warn('tell carol@acme.test %s', '+6591234568')
    expect(text()).not.toMatch(/91234567|91234568|8000|bob\.lee|carol@/)
    expect(text()).toContain('+65****67')
    expect(text()).toContain('b***@acme.test')
  })

  it('has no links that act for somebody, wherever they stand', () => {
    const { log, text } = recorder()
    log.error(
      { path: '/decision-links/acme/TokenTokenToken', err: new Error('GET /mail-notices/acme/alice/ProofProof?x=1') },
      'failed',
    )
    log.error('see http://localhost:8080/decision-links/acme/TokenTokenToken, please')
    expect(text()).not.toMatch(/TokenToken|ProofProof/)
    expect(text()).toContain('/decision-links/…')
  })

  it('stays one line of bounded size whatever is in it', () => {
    const { log, entries, text } = recorder()
    const deep: Record<string, unknown> = {}
    let at = deep
    for (let level = 0; level < 10_000; level += 1) {
      const next = {}
      at.next = next
      at = next
    }
    log.info({ deep, long: 'x'.repeat(100_000), list: Array(1_000).fill('y') }, 'first\nsecond \u001b[31m')
    expect(entries()).toHaveLength(1)
    expect(text().length).toBeLessThan(5_000)
    expect(text().trimEnd()).not.toContain('\n')
    expect(text()).not.toContain('\u001b')
  })
})

describe('a known secret', () => {
  it('is taken out wherever it stands, also when a field of no name holds it', () => {
    const secrets = new KnownSecrets()
    const { log, text } = recorder(secrets)
    secrets.add(canary, 'with "quotes" and \\', 'a.b*c(d', 'tiny')
    log.info({ detail: `x${canary}y`, other: 'with "quotes" and \\' }, `tiny ${canary} a.b*c(d`)
    expect(text()).not.toMatch(/canary|quotes|a\.b/)
    expect(text()).toContain('tiny')
  })

  it('becomes known by being sealed or opened', () => {
    const secrets = new KnownSecrets()
    const { log, text } = recorder(secrets)
    const sealer = createSealer(createKeyRing([randomBytes(32)]))
    const sealed = sealer.seal(canary, 'here')
    expect(sealerKnownTo(secrets, sealer).open(sealed, 'here')).toBe(canary)
    sealerKnownTo(secrets, sealer).seal('another-secret', 'here')
    log.info({ detail: canary }, 'another-secret')
    expect(text()).not.toMatch(/canary|another-secret/)
  })
})
