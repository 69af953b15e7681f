import { describe, expect, it } from 'vitest'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import { isBadToken, noAnswer, refusedBy, unreadableAnswer } from './errors.ts'

const refuse = (code: number, status = 400, resetSeconds?: string) =>
  refusedBy({ status, code, message: 'why', resetSeconds })

describe('a code of the platform', () => {
  it.each([
    ['auth', [10003, 10014, 10015, 99991543, 99991661, 99991662, 99991663, 99991664, 99991665, 99991668, 99991671]],
    ['auth', [99991672, 99991673, 99991676, 99991401, 230006, 230027, 230036, 20002, 20009, 20048, 20069]],
    ['rate_limited', [99991400, 230020, 11232, 11233, 11247, 232019]],
    ['retry', [230049, 18121, 20050, 20072]],
    ['gone', [230011, 230110, 231003, 230031, 232009]],
    ['rejected', [230001, 230002, 230013, 230015, 230017, 230018, 230019, 230022, 230025, 230028, 230029]],
    ['rejected', [230034, 230035, 230038, 230053, 230054, 230055, 230075, 230099, 99992351, 99992354, 99992361]],
    ['rejected', [99992364, 99992402, 20003, 20004, 20010, 20024, 20049, 20065, 20071, 20005, 20008, 20021, 20022]],
  ] satisfies [ChannelErrorKind, number[]][])('means %s: %j', (kind, codes) => {
    for (const code of codes) {
      for (const status of [400, 200])
        expect(refuse(code, status), String(code)).toMatchObject({ kind, code: String(code) })
    }
  })

  it('that nobody knows is tried again rather than lost', () => {
    expect(refuse(987_654)).toMatchObject({ kind: 'retry', outcomeUnknown: false })
  })

  it('with HTTP 429 is a rate limit, whatever it is', () => {
    expect(refuse(987_654, 429, '7')).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7_000 })
  })

  it('with a server error leaves the outcome open', () => {
    expect(refuse(20050, 500)).toMatchObject({ kind: 'retry', outcomeUnknown: true })
    expect(refuse(230013, 500)).toMatchObject({ kind: 'rejected', outcomeUnknown: false })
  })

  it('of a bad token is told from every other', () => {
    expect([99991661, 99991663, 99991664, 99991665, 99991668, 99991671].every((code) => isBadToken(refuse(code)))).toBe(
      true,
    )
    expect([99991662, 99991672, 10014, 230013].some((code) => isBadToken(refuse(code)))).toBe(false)
    expect(isBadToken(new Error('99991663'))).toBe(false)
  })
})

describe('the time to wait', () => {
  it.each([
    ['13', 13_000],
    ['0.2', 200],
    [undefined, 1_000],
    ['', 1_000],
    ['0', 1_000],
    ['-5', 1_000],
    ['soon', 1_000],
    ['1e9', 600_000],
  ])('of a reset header %j is %i ms', (reset, retryAfterMs) => {
    expect(refuse(99991400, 429, reset)).toMatchObject({ kind: 'rate_limited', retryAfterMs })
  })
})

describe('no readable answer', () => {
  it.each([
    [200, 'retry', 'unreadable', true],
    [502, 'retry', '502', true],
    [503, 'retry', '503', true],
    [404, 'retry', '404', false],
    [302, 'retry', '302', false],
  ] as const)('with HTTP %i is %s, code %s, outcome unknown: %s', (status, kind, code, outcomeUnknown) => {
    expect(unreadableAnswer(status, undefined)).toMatchObject({ kind, code, outcomeUnknown })
  })

  it('with HTTP 429 waits as it is told', () => {
    expect(unreadableAnswer(429, '3')).toMatchObject({ kind: 'rate_limited', retryAfterMs: 3_000 })
  })

  it.each([
    ['ECONNREFUSED', 'network', false],
    ['ENOTFOUND', 'network', false],
    ['EAI_AGAIN', 'network', false],
    ['CERT_HAS_EXPIRED', 'network', false],
    ['ECONNRESET', 'network', true],
    ['EPIPE', 'network', true],
    ['ERR_CANCELED', 'timeout', true],
    ['ETIMEDOUT', 'timeout', true],
    ['something new', 'network', true],
  ])('for %s has code %s, outcome unknown: %s', (reason, code, outcomeUnknown) => {
    expect(noAnswer(reason)).toMatchObject({ kind: 'retry', code, outcomeUnknown })
  })
})
