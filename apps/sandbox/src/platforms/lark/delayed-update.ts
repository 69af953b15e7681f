import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, stringAt } from '#sandbox/json.ts'
import type { ChatMessage } from '#sandbox/world.ts'
import { type AppCall, failure, type Reply, type Route } from './api.ts'
import { checkCard, isShared, MAX_CARD_BYTES } from './card/card.ts'

const TOKEN_LIFE_MS = 30 * 60_000
/** Both editions' callback page says two; the Lark page of 2024 says three. The stricter one is built. */
const TOKEN_USES = 2

interface CallbackToken {
  messageId: string
  issuedAt: number
  uses: number
  /** False until the callback's answer is back: an earlier update is refused. */
  isAnswered: boolean
}

/** The `c-…` tokens that ride on card callbacks, and the endpoint that takes them (delay-update-message-card.md). */
export interface DelayedUpdates {
  routes: Route[]
  issue(message: ChatMessage): string
  markAnswered(token: string): void
  clear(): void
}

export function createDelayedUpdates(core: Core): DelayedUpdates {
  const { world, clock, changes } = core
  const tokens = new Map<string, CallbackToken>()

  const update = (call: AppCall): Reply => {
    const token = stringAt(call.body, 'token')
    const card = call.body.card
    if (token === undefined || !/^c-[0-9a-f]+$/.test(token)) return failure(300020, 'malformed token', 200)
    if (!isObject(card)) return failure(10002, 'card must be an object', 200)
    const stored = tokens.get(token)
    if (stored === undefined || clock.now() - stored.issuedAt > TOKEN_LIFE_MS)
      return failure(300030, 'token expired', 200)
    const message = world.messages.get(stored.messageId)
    if (message === undefined || message.state !== 'shown') return failure(200000, 'the message was recalled', 200)
    if (message.appId !== call.app.appId) return failure(200310, 'the card belongs to another app', 200)
    // The platform's code for this case is not documented; what is documented is that such a call fails.
    if (!stored.isAnswered) return failure(300000, 'the callback has not been answered yet', 200)
    if (stored.uses >= TOKEN_USES) return failure(300040, 'token used up', 200)
    const { open_ids: openIds, ...shown } = card
    if (Buffer.byteLength(JSON.stringify(shown)) > MAX_CARD_BYTES) return failure(100000, 'the card is too big', 200)
    const checked = checkCard(shown)
    if (!checked.ok) return failure(11311, checked.problem.message, 200)
    if (!isShared(shown) && !Array.isArray(openIds))
      return failure(300090, 'a card that is not shared needs open_ids', 200)
    stored.uses += 1
    world.replaceCard(message, shown, 'delayed-update', clock.now())
    changes.announce({ kind: 'message', personId: message.personId, messageId: message.messageId })
    return { status: 200, body: { code: 0, msg: 'ok' } }
  }

  const dropExpired = () => {
    for (const [token, { issuedAt }] of tokens) {
      if (clock.now() - issuedAt <= TOKEN_LIFE_MS) break
      tokens.delete(token)
    }
  }

  return {
    issue: (message) => {
      dropExpired()
      const token = freshId('c-', 20)
      tokens.set(token, { messageId: message.messageId, issuedAt: clock.now(), uses: 0, isAnswered: false })
      return token
    },
    markAnswered: (token) => {
      const stored = tokens.get(token)
      if (stored !== undefined) stored.isAnswered = true
    },
    clear: () => tokens.clear(),
    routes: [{ method: 'POST', path: '/open-apis/interactive/v1/card/update', auth: 'tenant', handle: update }],
  }
}
