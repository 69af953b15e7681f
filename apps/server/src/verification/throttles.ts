import { createHmac } from 'node:crypto'
import type { ChannelName, TenantId, Uid } from '@countersign/contracts'
import type { KeyRing } from '#server/crypto/key-ring.ts'
import type { ThrottleRule, ThrottleStore } from '#server/db/throttle-store.ts'
import { AppError } from '#server/errors.ts'
import type { AddressParts } from './codes.ts'

const minuteMs = 60 * 1_000
const dayMs = 24 * 60 * minuteMs

/** Between two codes of a person on a channel, and between two to an address. */
export const resendAfterMs = minuteMs
/** Longer than any window: what was last counted before is of no use. */
export const throttlesKeptMs = 2 * dayMs

const codesToAddress: ThrottleRule = { limit: 10, windowMs: dayMs, gapMs: resendAfterMs }
const codesOfPerson: ThrottleRule = { limit: 10, windowMs: dayMs, gapMs: 0 }
const codesOnChannel: ThrottleRule = { limit: 10, windowMs: dayMs, gapMs: resendAfterMs }
/** All phones of an office may share one address: more than for a person, far too few to be worth an attack. */
const codesOfCaller: ThrottleRule = { limit: 100, windowMs: dayMs, gapMs: 0 }
/** Of log-in. More than a person needs on a day on which everything goes wrong, and few enough to guess nothing by. */
const loginCodesToAddress: ThrottleRule = { limit: 10, windowMs: dayMs, gapMs: resendAfterMs }
const loginCodesOfPerson: ThrottleRule = { limit: 10, windowMs: dayMs, gapMs: 0 }
const loginCodesOfCaller: ThrottleRule = { limit: 100, windowMs: dayMs, gapMs: 0 }
const testsOnChannel: ThrottleRule = { limit: 5, windowMs: 10 * minuteMs, gapMs: 0 }
/** With three time steps good at once, the second keeps the chance of a guess below one in 10,000 a day. */
const secondFactorGuesses: ThrottleRule = { limit: 5, windowMs: 15 * minuteMs, gapMs: 0 }
const secondFactorGuessesOfDay: ThrottleRule = { limit: 30, windowMs: dayMs, gapMs: 0 }
/** Questions to a platform whose account an address is. */
const lookUps: ThrottleRule = { limit: 30, windowMs: 10 * minuteMs, gapMs: 0 }

/** What a person may do so often only. Each is to be called inside a unit of work, and throws `too_many_requests`. */
export interface Throttles {
  /** `caller`: the network address that the request came from. */
  code(tx: ThrottleStores, ask: CodeRequest): Promise<void>
  /**
   * A code to log in by. Throws for the address and the caller alike whether or not the address is anybody's; `person` is
   * whose it is, null: nobody's. False: nothing may be sent, and nobody is to learn it.
   */
  loginCode(tx: ThrottleStores, ask: LoginCodeRequest): Promise<boolean>
  test(tx: ThrottleStores, who: { tenantId: TenantId; uid: Uid; channel: ChannelName }): Promise<void>
  lookUp(tx: ThrottleStores, who: { tenantId: TenantId; uid: Uid }): Promise<void>
  /** A code of the authenticator app or a recovery code is to be compared. */
  secondFactorGuess(tx: ThrottleStores, who: { tenantId: TenantId; uid: Uid }): Promise<void>
  /** It was right: the guesses before no longer count. */
  secondFactorGiven(tx: ThrottleStores, who: { tenantId: TenantId; uid: Uid }): Promise<void>
}

export interface ThrottleStores {
  throttles: ThrottleStore
}

export interface CodeRequest {
  tenantId: TenantId
  uid: Uid
  channel: ChannelName
  /** `via`: one number counts once, whichever channel a text message to it is for. */
  via: string
  address: AddressParts
  caller: string
}

export interface LoginCodeRequest {
  tenantId: TenantId
  person: Uid | null
  email: string
  caller: string
}

export function createThrottles({ keys, now }: { keys: KeyRing; now: () => number }): Throttles {
  const keyOf = (parts: readonly unknown[]): string =>
    createHmac('sha256', keys.current('code').bytes)
      .update(JSON.stringify(['throttle', ...parts]))
      .digest('base64url')

  const take = async (
    { throttles }: ThrottleStores,
    tenantId: TenantId,
    wanted: readonly { of: readonly unknown[]; rule: ThrottleRule }[],
  ): Promise<void> => {
    const keyed = wanted.map(({ of, rule }) => ({ key: keyOf(of), rule }))
    for (const { key, rule } of keyed.toSorted((one, other) => (one.key < other.key ? -1 : 1))) {
      const retryAfterMs = await throttles.take(tenantId, key, rule, now())
      // What was counted before is taken back with the unit of work.
      if (retryAfterMs !== null) throw new AppError('too_many_requests', 'too often; wait a while', { retryAfterMs })
    }
  }

  return {
    code: (tx, { tenantId, uid, channel, via, address, caller }) =>
      take(tx, tenantId, [
        { of: ['code-address', via, ...addressOf(address)], rule: codesToAddress },
        { of: ['code-person', uid], rule: codesOfPerson },
        { of: ['code-channel', uid, channel], rule: codesOnChannel },
        { of: ['code-caller', caller], rule: codesOfCaller },
      ]),
    async loginCode(tx, { tenantId, person, email, caller }) {
      await take(tx, tenantId, [
        { of: ['login-address', email.toLowerCase()], rule: loginCodesToAddress },
        { of: ['login-caller', caller], rule: loginCodesOfCaller },
      ])
      // As much work for an address of nobody.
      const of = person === null ? ['login-nobody', email.toLowerCase()] : ['login-person', person]
      const retryAfterMs = await tx.throttles.take(tenantId, keyOf(of), loginCodesOfPerson, now())
      return retryAfterMs === null && person !== null
    },
    test: (tx, { tenantId, uid, channel }) =>
      take(tx, tenantId, [{ of: ['test', uid, channel], rule: testsOnChannel }]),
    lookUp: (tx, { tenantId, uid }) => take(tx, tenantId, [{ of: ['look-up', uid], rule: lookUps }]),
    secondFactorGuess: (tx, { tenantId, uid }) => take(tx, tenantId, guessesOf(uid)),
    async secondFactorGiven({ throttles }, { tenantId, uid }) {
      for (const { of } of guessesOf(uid)) await throttles.clear(tenantId, keyOf(of))
    },
  }
}

const guessesOf = (uid: Uid) => [
  { of: ['second-factor', uid], rule: secondFactorGuesses },
  { of: ['second-factor-day', uid], rule: secondFactorGuessesOfDay },
]

const addressOf = (address: AddressParts): string[] =>
  Object.entries(address)
    .map(([part, value]) => `${part}=${value.toLowerCase()}`)
    .sort()
