const segments = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What people wrote, as part of a line: without line ends, at most so many characters as people see them. */
export function oneLine(text: string, limit: number): string {
  const line = text.replace(/\s+/gu, ' ').trim()
  if (line.length <= limit) return line
  let shown = ''
  // Far more than `limit` characters of any script; the rest need not be looked at.
  for (const { segment } of segments.segment(line.slice(0, limit * 4))) {
    if (shown.length + segment.length > limit) break
    shown += segment
  }
  return `${shown.trimEnd()}…`
}

/** Of titles and names in the chat. */
export const titleLimit = 100
export const nameLimit = 64
