import { fitBytes } from '#server/channels/fit-bytes.ts'
import { wayIn } from '#server/channels/message-words.ts'
import type { Letter } from '#server/channels/messenger.ts'
import { ellipsis } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { escapeLine } from '#server/texts/escape.ts'

/** The platform refuses more than 20,000 bytes in all. */
const maxTextBytes = 12_000
const maxTitleLength = 120
const maxLabelLength = 20

/**
 * The message as the robot takes it. The keyword stands in title and text: it is not documented which of them the security
 * setting looks at.
 */
export function dingtalkRobotBody(
  letter: Letter,
  { keyword, messageType }: { keyword: string; messageType: 'actionCard' | 'markdown' },
): object {
  const { words, locale, idempotencyKey } = letter
  const title = `【${keyword}】${ellipsis(words.title, maxTitleLength)}`
  const way = wayIn(letter)
  const mark = createTranslator(locale).text('message.cut')
  const head = `### ${escapeLine(title, 'dingtalk-markdown')}\n\n`
  if (way !== null && messageType === 'actionCard') {
    const text = `${head}${fitBytes(words.body, maxTextBytes, mark)}`
    const singleTitle = ellipsis(way.label, maxLabelLength)
    return {
      msgtype: 'actionCard',
      msgUuid: idempotencyKey,
      actionCard: { title, text, singleTitle, singleURL: way.url },
    }
  }
  const link = way === null ? '' : `\n\n[${way.label}](${way.url})`
  const text = `${head}${fitBytes(words.body, maxTextBytes, mark)}${link}`
  return { msgtype: 'markdown', msgUuid: idempotencyKey, markdown: { title, text } }
}
