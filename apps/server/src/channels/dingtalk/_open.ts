import type { CardModel, SharedReceiver } from '#server/channels/channel.ts'
import { cardModel } from '../_card-model.ts'
import { settingsFor } from './_callback.ts'
import { drawCard } from './_draw-card.ts'
import type { FakePlatform } from './_fake-platform.ts'
import { createDingtalk, type DingtalkChannel } from './index.ts'

/* A channel on the fake platform, and looks at its cards. */

export const counted: string[] = []

export function openStandard(
  platform: FakePlatform,
  changes: Record<string, unknown> = {},
  now = Date.now,
): DingtalkChannel {
  counted.length = 0
  const settings = { ...settingsFor(platform.url), appId: 'app-1', agentId: '12345', ...changes }
  const meter = ({ api }: { api: string }): void => void counted.push(api)
  return createDingtalk({ tenantId: 'acme', name: 'dingtalk', settings }, { now, meter })
}

export function openExclusive(platform: FakePlatform, changes: Record<string, unknown> = {}): DingtalkChannel {
  const settings = { ...settingsFor(platform.url), ...changes }
  return createDingtalk({ tenantId: 'acme', name: 'dingtalkExclusive', settings }, { now: Date.now })
}

export function receiver(platformUserId: string, changes: Partial<CardModel> = {}): SharedReceiver {
  return { platformUserId, card: cardModel(changes) }
}

/** The card as one person sees it now. */
export function seenBy(platform: FakePlatform, outTrackId: string, platformUserId: string) {
  const card = platform.cards.get(outTrackId)
  if (card === undefined) throw new Error('there is no such card')
  return drawCard(card.everybodys, card.own.get(platformUserId))
}
