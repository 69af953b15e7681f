import { type ChannelName, locales, refusalReasons } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approvedCardModel, cardModel } from './_card-model.ts'
import { type ButtonValue, CallbackRefused, type CardModel, type Channel, type RawCallback } from './channel.ts'
import { ChannelError, type ChannelErrorKind } from './channel-error.ts'

/* What every channel promises, whatever its platform. registry.test.ts runs this for each channel there is. */

/** How the suite speaks a channel's platform. */
export interface ChannelHarness {
  name: ChannelName
  /** With all that is needed to verify callbacks. */
  settings(platformUrl: string): Record<string, unknown>
  /** The same, each lacking something without which a callback cannot be verified. */
  settingsThatVerifyNothing(platformUrl: string): Record<string, unknown>[]
  startPlatform(): Promise<HarnessPlatform>
  /** A tap as the platform sends it. Each call makes another request. */
  tap(tap: Tap): RawCallback
  /** The tap, spoilt in every way that must not be believed, each with a name. */
  forgeries(tap: Tap): [string, RawCallback][]
  /** The platform's check of the callback address, where it has one, and the answer it wants. */
  handshake: { request: RawCallback; answer: unknown } | null
  /** An address of each shape that a person's binding may have, and what the fake platform knows it by. */
  people: { address: unknown; platformUserId: string | null }[]
}

export interface Tap {
  button: ButtonValue
  platformUserId: string
  comment: string | null
}

export interface HarnessPlatform extends AsyncDisposable {
  url: string
  /** Makes the next calls fail as this platform fails. */
  fail(as: ChannelErrorKind): void
  /** The cards it took, new and updated ones, as a client would show them. */
  cards: ShownCard[]
}

/** A card, seen by the person who gets it. */
export interface ShownCard {
  /** As the platform counts, against its limit. */
  bytes: number
  maxBytes: number
  text: string
  /** Mentions, links and tags found in text. */
  marks: string[]
  /** Where its buttons lead. */
  links: string[]
  /** What its buttons say back. */
  buttons: unknown[]
}

export function describeChannel(harness: ChannelHarness, open: (settings: Record<string, unknown>) => Channel): void {
  describe(`the ${harness.name} channel`, () => {
    let platform: HarnessPlatform
    let channel: Channel
    beforeEach(async () => {
      platform = await harness.startPlatform()
      channel = open(harness.settings(platform.url))
    })
    afterEach(async () => {
      await platform[Symbol.asyncDispose]()
    })
    const send = async (card: CardModel): Promise<ShownCard> => {
      await channel.send({ platformUserId: 'person-1', card, idempotencyKey: 'key-1' })
      return platform.cards.at(-1) ?? expect.fail('the platform took no card')
    }

    it('declares who it is and what it may do', () => {
      expect(channel).toMatchObject({ tenantId: 'acme', name: harness.name, takesActions: true })
      expect(channel.appId).not.toBe('')
      for (const limit of [...channel.limits.app, ...channel.limits.receiver, ...channel.limits.message]) {
        expect(limit.points).toBeGreaterThan(0)
        expect(limit.seconds).toBeGreaterThan(0)
      }
      expect(channel.limits.app).not.toEqual([])
      for (const origin of [...channel.origins.frame, ...channel.origins.script]) {
        expect(origin).toMatch(/^https?:\/\/[*a-z0-9.:-]+$/)
      }
      if (channel.jsSdkUrl !== null) expect(channel.origins.script).toContain(new URL(channel.jsSdkUrl).origin)
    })

    describe('sending', () => {
      it('gives an address that survives being stored, and updates by it', async () => {
        const outgoing = { platformUserId: 'person-1', card: cardModel(), idempotencyKey: 'key-1' }
        const delivered = await channel.send(outgoing)
        expect(delivered.code).not.toBe('')
        const stored: unknown = JSON.parse(JSON.stringify(delivered.message))
        expect(stored).toEqual(delivered.message)
        await channel.update(stored, { ...outgoing, card: approvedCardModel() })
        expect(platform.cards).toHaveLength(2)
        expect(platform.cards[1]?.buttons).toEqual([])
      })

      it.each(['tap', 'confirm'] as const)('offers both decisions on a card to %s', async (decision) => {
        const card = cardModel({ decision })
        expect((await send(card)).buttons).toEqual([card.approve, card.reject])
      })

      it.each(['review', 'none'] as const)('offers only the link on a card to %s', async (decision) => {
        const card = cardModel({ decision, risk: 'high' })
        expect(await send(card)).toMatchObject({ buttons: [], links: [card.link] })
      })

      it.each(locales)('shows the ticket in every language (%s)', async (locale) => {
        const card = cardModel({ locale })
        const { text } = await send(card)
        for (const part of ['1042', card.title, card.submitter, 'orders@prod', 'Alice', 'DBA'])
          expect(text).toContain(part)
      })

      it('keeps within the size the platform takes, and what people wrote stays text', async () => {
        const hostile = '<at id=all></at>[x](https://evil.example)```\n"\\数据😀'
        const approvers = Array.from({ length: 100 }, () => ({ name: hostile, decision: null }))
        const card = cardModel({
          title: hostile,
          submitter: hostile,
          description: hostile.repeat(200),
          fields: Array.from({ length: 50 }, () => ({ label: hostile, value: hostile.repeat(80) })),
          code: Array.from({ length: 10 }, () => ({ language: 'sql', title: hostile, text: hostile.repeat(1_200) })),
          nodes: Array.from({ length: 20 }, (_, index) => ({
            name: hostile,
            rule: 'all',
            status: index === 0 ? 'pending' : 'waiting',
            approvers,
          })),
        })
        const shown = await send(card)
        expect(shown.bytes).toBeLessThanOrEqual(shown.maxBytes)
        expect(shown).toMatchObject({ marks: [], links: [card.link] })
      })

      it.each(['retry', 'rate_limited', 'auth', 'gone', 'rejected'] as const)(
        'tells a failure apart (%s)',
        async (kind) => {
          platform.fail(kind)
          const error: unknown = await channel
            .update(
              { messageId: 'message-1' },
              { platformUserId: 'person-1', card: cardModel(), idempotencyKey: 'key-1' },
            )
            .catch((thrown: unknown) => thrown)
          expect(error).toBeInstanceOf(ChannelError)
          expect(error).toMatchObject({ kind, code: expect.stringMatching(/./) })
          if (kind === 'rate_limited') expect((error as ChannelError).retryAfterMs).toBeGreaterThan(0)
        },
      )
    })

    it('looks people up, one answer for each, in order', async () => {
      const found = await channel.resolve(harness.people.map(({ address }) => address))
      expect(found).toEqual(harness.people.map(({ platformUserId }) => platformUserId))
    })

    describe('receiving', () => {
      const tap: Tap = { button: cardModel().reject, platformUserId: 'person-1', comment: '太贵了' }

      it('reads a tap: who, what, why', () => {
        expect(channel.receive(harness.tap(tap))).toMatchObject({ kind: 'action', ...tap })
        expect(channel.receive(harness.tap({ ...tap, comment: null }))).toMatchObject({ comment: null })
      })

      it('tells the same request from another', () => {
        const once = harness.tap(tap)
        const hash = (callback: RawCallback): unknown =>
          Object.entries(channel.receive(callback)).find(([key]) => key === 'signatureHash')
        expect(hash(once)).toEqual(hash(once))
        expect(hash(once)).not.toEqual(hash(harness.tap(tap)))
      })

      it('believes no forgery', () => {
        const forgeries = harness.forgeries(tap)
        expect(forgeries.length).toBeGreaterThan(5)
        for (const [name, callback] of forgeries) {
          expect(() => channel.receive(callback), name).toThrow(CallbackRefused)
        }
      })

      it('believes nothing at all when a secret is missing', () => {
        for (const settings of harness.settingsThatVerifyNothing(platform.url)) {
          const blind = open(settings)
          expect(blind.takesActions).toBe(false)
          const requests = [harness.tap(tap), ...harness.forgeries(tap).map(([, callback]) => callback)]
          if (harness.handshake !== null) requests.push(harness.handshake.request)
          for (const callback of requests) {
            expect(() => blind.receive(callback)).toThrow(
              expect.objectContaining({ kind: 'forged', code: 'not_configured' }),
            )
          }
        }
      })

      it('answers the platform’s check of the address', () => {
        if (harness.handshake === null) return
        const { request, answer } = harness.handshake
        expect(channel.receive(request)).toEqual({ kind: 'handshake', answer })
      })
    })

    describe('answering', () => {
      it('has a sentence for every refusal in every language, and a card where there is one', () => {
        for (const locale of locales) {
          for (const reason of refusalReasons) {
            const outcome = { ok: false, reason, by: 'Alice', status: 'approved' } as const
            const bare = JSON.stringify(channel.answer({ locale, outcome, card: null }))
            const withCard = JSON.stringify(channel.answer({ locale, outcome, card: approvedCardModel({ locale }) }))
            expect(bare.length).toBeGreaterThan(20)
            expect(withCard.length).toBeGreaterThan(bare.length)
          }
        }
      })

      it('says more than nothing about a decision, and nothing to the rest', () => {
        const outcome = { ok: true, action: 'approve', status: 'approved' } as const
        expect(JSON.stringify(channel.answer({ locale: 'en', outcome, card: null }))).toContain('Approved')
        expect(JSON.stringify(channel.acknowledge())).toBeTypeOf('string')
      })
    })

    it('sends a browser to the platform with state and challenge, and back to us', () => {
      const start = {
        redirectUri: 'https://approve.example.com/console/mobile/index/',
        state: 'state-1',
        codeChallenge: 'challenge-1',
      }
      const url = new URL(channel.authorizeUrl(start))
      const values = [...url.searchParams.values()]
      expect(values).toEqual(expect.arrayContaining([start.redirectUri, start.state]))
    })
  })
}
