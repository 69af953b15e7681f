import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import { afterFailure, chatRetry, isOutcomeLost, webhookRetry } from './backoff.ts'

const now = 1_000_000_000
const minute = 60_000
const hour = 60 * minute
const middling = { startedAt: now - 200, now, random: () => 0.5 }

const delivery = (more: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  tenantId: 'acme',
  id: 'd1',
  ticketId: 't1',
  noticeKey: 'pending:1:0',
  event: 'pending',
  recipient: 'alice',
  channel: 'lark',
  wantedVersion: 1,
  shownVersion: 0,
  message: null,
  tries: 0,
  firstTriedAt: null,
  createdAt: 0,
  waitsFor: null,
  isReplaced: false,
  ...more,
})

const passing = new ChannelError('retry', '500', 'out of order')
const silence = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })

describe('retrying a chat message', () => {
  it('waits 5 s, 30 s, 2 m, 10 m, 30 m, 2 h, 6 h and then gives up with the platform’s own code', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map((tries) => {
      const result = afterFailure(passing, delivery({ tries }), chatRetry, middling)
      return result.kind === 'retry' ? result.dueAt - now : result
    })
    expect(waits).toEqual([
      5_000,
      30_000,
      2 * minute,
      10 * minute,
      30 * minute,
      2 * hour,
      6 * hour,
      { kind: 'failed', code: '500', text: 'out of order' },
    ])
  })

  it('spreads each wait by a fifth either way', () => {
    const wait = (random: number): number => {
      const result = afterFailure(passing, delivery({ tries: 2 }), chatRetry, { ...middling, random: () => random })
      return result.kind === 'retry' ? result.dueAt - now : Number.NaN
    }
    expect([wait(0), wait(1)]).toEqual([96_000, 144_000])
  })

  it('waits for the reset a platform names, never less, and does not count it', () => {
    const limited = new ChannelError('rate_limited', '99991400', 'too often', { retryAfterMs: 7_300 })
    for (const random of [0, 0.3, 1]) {
      const result = afterFailure(limited, delivery({ tries: 6 }), chatRetry, { ...middling, random: () => random })
      if (result.kind !== 'retry') throw new Error('not retried')
      expect(result).toMatchObject({ counted: false, code: '99991400', firstTriedAt: null })
      expect(result.dueAt).toBeGreaterThanOrEqual(now + 7_300)
      expect(result.dueAt).toBeLessThanOrEqual(now + 7_800)
    }
  })

  it('leaves time to an administrator when the credentials are refused', () => {
    const refused = new ChannelError('auth', '10014', 'app secret invalid')
    const first = afterFailure(refused, delivery(), chatRetry, middling)
    expect(first).toMatchObject({ kind: 'retry', dueAt: now + 10 * minute, counted: true })
    expect(afterFailure(refused, delivery({ tries: 7 }), chatRetry, middling)).toMatchObject({
      kind: 'failed',
      code: '10014',
    })
  })

  it('never repeats what will never work, and lets go of a card that is no more', () => {
    const rejected = new ChannelError('rejected', '230013', 'not available to this user')
    const gone = new ChannelError('gone', '230031', 'older than 14 days')
    const sentBefore = delivery({ message: { id: 'om_1' }, shownVersion: 1, wantedVersion: 2 })
    expect(afterFailure(rejected, delivery(), chatRetry, middling)).toMatchObject({ kind: 'failed', code: '230013' })
    expect(afterFailure(gone, delivery(), chatRetry, middling)).toMatchObject({ kind: 'failed', code: '230031' })
    expect(afterFailure(gone, sentBefore, chatRetry, middling)).toMatchObject({ kind: 'suppressed', code: '230031' })
  })
})

describe('a send whose outcome is unknown', () => {
  it('remembers when it began, until a later try is known to have failed', () => {
    const first = afterFailure(silence, delivery(), chatRetry, middling)
    expect(first).toMatchObject({ kind: 'retry', firstTriedAt: middling.startedAt })
    const unsure = delivery({ tries: 1, firstTriedAt: now - minute })
    expect(afterFailure(silence, unsure, chatRetry, middling)).toMatchObject({ firstTriedAt: now - minute })
    expect(afterFailure(passing, unsure, chatRetry, middling)).toMatchObject({ firstTriedAt: null })
  })

  it('is not taken for certain because a later try met a rate limit', () => {
    const limited = new ChannelError('rate_limited', '99991400', 'too often', { retryAfterMs: 1_000 })
    const unsure = delivery({ tries: 1, firstTriedAt: now - minute })
    expect(afterFailure(limited, unsure, chatRetry, middling)).toMatchObject({ firstTriedAt: now - minute })
  })

  it('is tried a last time just before the platform forgets the key, and then fails as unknown', () => {
    const unsure = delivery({ tries: 5, firstTriedAt: now - 43 * minute })
    expect(afterFailure(silence, unsure, chatRetry, middling)).toMatchObject({
      kind: 'retry',
      dueAt: now + 11 * minute,
    })
    const late = delivery({ tries: 6, firstTriedAt: now - 54 * minute })
    const result = afterFailure(silence, late, chatRetry, middling)
    expect(result).toMatchObject({ kind: 'failed', code: 'outcome_unknown' })
    expect(result.text).toContain('timeout')
  })

  it('is lost after 55 minutes for a chat, never for a webhook, never for an update', () => {
    const unsure = delivery({ firstTriedAt: now - 55 * minute })
    expect(isOutcomeLost(unsure, chatRetry, now - 1)).toBe(false)
    expect(isOutcomeLost(unsure, chatRetry, now)).toBe(true)
    expect(isOutcomeLost(unsure, webhookRetry, now)).toBe(false)
    expect(isOutcomeLost({ ...unsure, message: { id: 'om_1' } }, chatRetry, now)).toBe(false)
    expect(isOutcomeLost(delivery(), chatRetry, now)).toBe(false)
  })
})

describe('retrying a webhook', () => {
  it('follows the schedule of Standard Webhooks for a little over three days', () => {
    let at = 0
    let tries = 0
    for (;;) {
      const result = afterFailure(passing, delivery({ tries }), webhookRetry, { ...middling, now: at })
      if (result.kind !== 'retry') break
      at = result.dueAt
      tries += 1
    }
    expect(tries).toBe(9)
    expect(at).toBe(5_000 + 35 * minute + (2 + 5 + 10 + 14 + 20 + 24) * hour)
  })

  it('waits longer where the receiver asks for it', () => {
    const busy = new ChannelError('retry', '503', 'busy', { retryAfterMs: 90_000 })
    expect(afterFailure(busy, delivery(), webhookRetry, middling)).toMatchObject({ dueAt: now + 90_000, counted: true })
    expect(afterFailure(busy, delivery({ tries: 1 }), webhookRetry, middling)).toMatchObject({
      dueAt: now + 5 * minute,
    })
  })
})
