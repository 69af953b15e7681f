/*
 * What people wrote, made fit to stand on a card. Everything but code goes into plain_text, which the platform does not
 * interpret; code goes into a fenced block of a markdown component.
 */

/** Bidirectional overrides and isolates: they make a text read otherwise than it is ("Trojan Source"). */
const REORDERING = /[\u202A-\u202E\u2066-\u2069]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029]/g
const REPLACEMENT = '\uFFFD'

/** Text without characters that hide or reorder other text; lone surrogates, which are no text, are replaced too. */
export function inert(text: string): string {
  return text.replace(/\r\n?/g, '\n').toWellFormed().replace(REORDERING, REPLACEMENT).replace(CONTROL, REPLACEMENT)
}

/** The same on one line, for titles and names. */
export function inertLine(text: string): string {
  return inert(text).replace(/\s+/g, ' ').trim()
}

/** Languages by which the platform colours code; anything else is plain text. */
const knownLanguages: ReadonlySet<string> = new Set(
  'bash c cpp css diff go html http java javascript json kotlin lua markdown nginx objective_c php powershell properties protobuf python r ruby rust scala shell sql swift toml typescript xml yaml'.split(
    ' ',
  ),
)

/** Tags that the platform's markdown gives a meaning to, mentions first of all. */
const PLATFORM_TAG =
  /<(?=https?:|\/?(?:at|a|link|font|person|img|image|text_tag|number_tag|local_datetime|raw|br|hr|card|button|input)\b)/gi
const WORD_JOINER = '\u2060'

/**
 * A fenced code block that its content cannot leave: the fence is longer than any run of backticks inside, and where
 * text inside would be a tag, link or image of the platform outside of a fence, an invisible word joiner breaks it, so
 * that even a client that reads tags before fences finds none.
 */
export function codeBlock(language: string, code: string): string {
  const content = inert(code)
    .replace(PLATFORM_TAG, `<${WORD_JOINER}`)
    .replace(/\](?=[([])/g, `]${WORD_JOINER}`)
  const longestRun = Math.max(2, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longestRun + 1)
  const name = knownLanguages.has(language.toLowerCase()) ? language.toLowerCase() : 'plain_text'
  return `${fence}${name}\n${content}\n${fence}`
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A text as far as a card shows it. */
export interface Shortened {
  text: string
  /** Characters (code points) shown, and of the whole. Equal when nothing was left out. */
  shown: number
  total: number
}

/** The beginning of a text, cut between what people see as characters. `limit` in UTF-16 units. */
export function shorten(text: string, limit: number, maxLines = Number.POSITIVE_INFINITY): Shortened {
  const total = countCharacters(text)
  const kept = text.slice(0, Math.min(cutPoint(text, limit), endOfLines(text, maxLines)))
  return kept.length === text.length
    ? { text, shown: total, total }
    : { text: kept, shown: countCharacters(kept), total }
}

function cutPoint(text: string, limit: number): number {
  if (text.length <= limit) return text.length
  const start = graphemes.segment(text).containing(limit)?.index ?? 0
  // One "character" of thousands of combining marks is cut through, else nothing would be left of the text.
  if (limit - start <= 64) return start
  return isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit
}

function endOfLines(text: string, maxLines: number): number {
  let end = -1
  for (let line = 0; line < maxLines; line += 1) {
    end = text.indexOf('\n', end + 1)
    if (end === -1) return text.length
  }
  return end
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

function countCharacters(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length; index += 1) if (isLowSurrogate(text.charCodeAt(index))) count -= 1
  return count
}

/** A name or label of at most `limit` units, with an ellipsis where it was cut. */
export function ellipsis(text: string, limit: number): string {
  const line = inertLine(text)
  const { text: kept, shown, total } = shorten(line, limit)
  return shown === total ? line : `${kept.trimEnd()}…`
}
