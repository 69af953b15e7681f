import { createTranslator } from '#server/i18n/translator.ts'
import type { Letter } from './messenger.ts'

/* What every channel that only tells says beside the text. */

/** Where a message leads, and what the way there is called; null: nowhere. */
export function wayIn({ content, locale }: Pick<Letter, 'content' | 'locale'>): { url: string; label: string } | null {
  const { text } = createTranslator(locale)
  switch (content.kind) {
    case 'notice': {
      const { link, decision } = content.item.ticket
      return { url: link, label: text(decision === 'none' ? 'card.open' : 'card.review') }
    }
    case 'bundle':
      return { url: content.link, label: text('message.list') }
    case 'report':
      return { url: content.link, label: text('message.open') }
    case 'code':
    case 'test':
      return null
  }
}
