/* What people wrote, made fit to stand on a card of any platform: inert, measured, and cut between characters. */

/**
 * Control characters, and bidirectional overrides and isolates: these make a text read otherwise than it is ("Trojan
 * Source"). Line ends of every kind become one.
 */
const UNFIT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /\r\n?|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g
const REPLACEMENT = '\uFFFD'

/** Text without characters that hide or reorder other text; lone surrogates, which are no text, are replaced too. */
export function inert(text: string): string {
  return text.toWellFormed().replace(UNFIT, (found) => (found.startsWith('\r') ? '\n' : REPLACEMENT))
}

/** The same on one line, for titles and names. */
export function inertLine(text: string): string {
  return inert(text).replace(/\s+/g, ' ').trim()
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A text that may be too long: its beginning, and how many characters (code points) all of it has. */
export interface LongText {
  head: string
  isCut: boolean
  total: number
}

/** Keeps as much of a text as `shorten` needs for any limit up to the given one. */
export function longText(text: string, limit: number): LongText {
  const length = limit + 2 * AROUND
  return { head: text.slice(0, length), isCut: text.length > length, total: countCharacters(text) }
}

/** A text as far as a card shows it. */
export interface Shortened {
  text: string
  /** Characters (code points) shown, and of the whole. Equal when nothing was left out. */
  shown: number
  total: number
}

/** The beginning of a text, cut between what people see as characters. `limit` in UTF-16 units. */
export function shorten(
  { head, isCut, total }: LongText,
  limit: number,
  maxLines = Number.POSITIVE_INFINITY,
): Shortened {
  const kept = head.slice(0, Math.min(cutPoint(head, limit), endOfLines(head, maxLines)))
  return !isCut && kept.length === head.length
    ? { text: head, shown: total, total }
    : { text: kept, shown: countCharacters(kept), total }
}

/** How far around the cut the text is looked at: finding characters in all of a long text takes milliseconds. */
const AROUND = 64

function cutPoint(text: string, limit: number): number {
  if (text.length <= limit) return text.length
  const from = isLowSurrogate(text.charCodeAt(limit - AROUND)) ? limit - AROUND + 1 : Math.max(0, limit - AROUND)
  const start = graphemes.segment(text.slice(from, limit + AROUND)).containing(limit - from)?.index ?? 0
  // One "character" of endless combining marks is cut through, else nothing would be left of the text.
  if (start > 0 || from === 0) return from + start
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
  return line.length <= limit ? line : `${line.slice(0, cutPoint(line, limit)).trimEnd()}…`
}
