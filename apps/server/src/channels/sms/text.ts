import type { Letter } from '#server/channels/messenger.ts'
import { ellipsis, inertLine } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { countSegments } from './segments.ts'

/** A message is billed by its parts; this many say who wants what, and carry a link. */
const mostSegments = 4
/** UTF-16 units: titles longer than this are shortened first. */
const titleLength = 200
const shortestTitle = 20

/** What an international message says in full: the news and the link, in the reader's language. */
export function internationalText(letter: Letter): string {
  const { content } = letter
  const words = { title: unlinked(letter.words.title), body: unlinked(letter.words.body) }
  switch (content.kind) {
    case 'notice':
      return withLink(words.title, content.item.ticket.link)
    case 'bundle':
    case 'report':
      return withLines(words, content.link)
    case 'code':
      // A tenant's own text may have forgotten what it is there for.
      return words.title.includes(content.code) ? inertLine(words.title) : `${content.code} ${inertLine(words.title)}`
    case 'test':
      return inertLine(`${words.title}: ${words.body}`)
  }
}

/** The title gives way, the link never: half a link leads nowhere. */
function withLink(title: string, link: string): string {
  for (let length = titleLength; ; length -= 20) {
    const text = `${ellipsis(title, length)}\n${link}`
    if (length <= shortestTitle || fits(text)) return text
  }
}

/** As many lines as there is room for between the title and the link; the first of them at least in part. */
function withLines(words: Letter['words'], link: string): string {
  const lines = words.body
    // It stands last, whether or not the text names it.
    .replaceAll(unlinked(link), '')
    .split('\n')
    .map(inertLine)
    .filter((line) => line !== '')
  const textOf = (shown: readonly string[]): string => [ellipsis(words.title, titleLength), ...shown, link].join('\n')
  const firstTooMany = lines.findIndex((_, index) => !fits(textOf(lines.slice(0, index + 1))))
  const shown = firstTooMany === -1 ? lines : lines.slice(0, firstTooMany)
  const [first = ''] = lines
  const text = shown.length > 0 || first === '' ? textOf(shown) : textOf([ellipsis(first, shortestTitle)])
  return fits(text) ? text : withLink(words.title, link)
}

/** A phone makes a link of whatever looks like one: ours is the only one there is to be. */
function unlinked(text: string): string {
  return text.replaceAll('://', ' ').replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L})/gu, '. ')
}

function fits(text: string): boolean {
  return countSegments(text) <= mostSegments
}

/** The longest value that a template's variable takes. */
const variableLength = 35

/**
 * The variables of the notice template: `number`, `title`, `status` and `name`. Values hold no address, for which the
 * service refuses the message; the address of the host stands in the approved template itself. `isPlain`: without
 * anything that a person wrote.
 */
export function noticeVariables(letter: Letter, { isPlain = false } = {}): Record<string, string> {
  const { content, words, to } = letter
  const t = createTranslator(letter.locale)
  const values = (number: string, title: string, status: string, name: string): Record<string, string> => ({
    number: variable(number),
    title: variable(title),
    status: variable(status),
    name: variable(name),
  })
  const first = content.kind === 'notice' ? content.item : content.kind === 'bundle' ? content.items[0] : undefined
  if (first === undefined) return values('0', words.title, words.title, to.name)
  const { number, title, module, submitter, status } = first.ticket
  const more = content.kind === 'bundle' && content.count > 1 ? ` +${content.count - 1}` : ''
  const heading = content.kind === 'bundle' ? words.title : title
  return values(
    `${number}${more}`,
    isPlain ? t.module(module) : heading,
    t.text(`status.${status}`),
    isPlain ? '-' : submitter,
  )
}

/** On one line, with nothing that reads as an address or as the signature's brackets, and never empty. */
function variable(value: string): string {
  const harmless = inertLine(value)
    .replace(/\p{Extended_Pictographic}/gu, '')
    .replaceAll('://', ' ')
    .replace(/(?<=[\p{L}\p{N}-])\.(?=[\p{L}\p{N}])/gu, '·')
    .replace(/https?:/gi, '')
    .replace(/[【】]/g, ' ')
    .trim()
  const line = ellipsis(harmless, variableLength - 1)
  return line === '' ? '-' : line
}
