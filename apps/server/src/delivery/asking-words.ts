import type { ChannelName, Uid } from '@countersign/contracts'
import type { CardModel } from '#server/channels/channel.ts'
import type { Store } from '#server/db/stores.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'

export interface AskingWordsDeps {
  store: Store
  texts: TextRenderer
}

/** Whom the bot asks, of what, through what. */
export interface Asking {
  tenantId: string
  channel: ChannelName
  recipient: Uid
  card: CardModel
  event: 'pending' | 'reminded'
}

/**
 * Words and a link for somebody whose decision is awaited, where a card makes no sound or is not sent. A text of the
 * tenant's own that forgets the link gets it all the same: without it nobody could act on the words.
 */
export async function askingWords(
  { store, texts }: AskingWordsDeps,
  { tenantId, channel, recipient, card, event }: Asking,
): Promise<string> {
  const user = await store.stores.directory.user(tenantId, recipient)
  const { locale, timeZone, link } = card
  const { body } = await texts.render(tenantId, {
    channel,
    recipient: { uid: recipient, name: user?.name ?? recipient },
    locale,
    timeZone,
    format: 'plain',
    content: { kind: 'notice', item: { event, ticket: card } },
  })
  return body.includes(link) ? body : `${body}\n${link}`
}
