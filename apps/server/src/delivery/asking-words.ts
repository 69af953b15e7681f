import type { CardModel } from '#server/channels/channel.ts'
import { createTranslator } from '#server/i18n/translator.ts'

/** Words and a link for somebody whose decision is awaited, where a card makes no sound or is not sent. */
export function askingWords({ locale, number, title, link }: CardModel, event: 'pending' | 'reminded'): string {
  const words = createTranslator(locale).text(`notice.${event}`, { ticket: `#${number} ${title}` })
  return `${words}\n${link}`
}
