import { inert, inertLine, type LongText, longText, type Shortened, shorten } from '#server/channels/text.ts'

/** Longest value of a card variable, in UTF-8. Document: filling in card data. */
export const MAX_VALUE_BYTES = 1_024

/** The beginning of a text that takes at most so many bytes, cut between what people see as characters. */
export function shortenToBytes(text: LongText, maxBytes: number, maxLines?: number): Shortened {
  let limit = Math.min(text.head.length, maxBytes)
  for (;;) {
    const kept = shorten(text, limit, maxLines)
    const bytes = Buffer.byteLength(kept.text)
    if (bytes <= maxBytes || limit === 0) return kept
    // Never less than one unit shorter, so that it ends; mostly the second try fits.
    limit = Math.min(limit - 1, Math.floor((kept.text.length * maxBytes) / bytes))
  }
}

/** The same for what people wrote, made inert first. */
export function beginning(text: string, maxBytes: number, maxLines?: number): Shortened {
  return shortenToBytes(longText(inert(text).trim(), maxBytes), maxBytes, maxLines)
}

const ELLIPSIS = '…'

/** On one line, with an ellipsis where it was cut. */
export function fitLine(text: string, maxBytes: number): string {
  return withEllipsis(inertLine(text), maxBytes)
}

/** Several lines of ours that are to fit as a whole. */
export function fitLines(lines: readonly string[], maxBytes: number): string {
  return withEllipsis(lines.join('\n'), maxBytes)
}

function withEllipsis(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const room = maxBytes - Buffer.byteLength(ELLIPSIS)
  return `${shortenToBytes(longText(text, room), room).text.trimEnd()}${ELLIPSIS}`
}
