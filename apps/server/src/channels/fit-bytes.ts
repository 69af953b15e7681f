import { longText, shorten } from './text.ts'

/**
 * As much of a text as fits into so many bytes of UTF-8, whole lines as long as there are any, with `mark` at its end where
 * something was left out.
 */
export function fitBytes(text: string, maxBytes: number, mark: string): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const ending = `\n\n${mark}`
  const room = maxBytes - Buffer.byteLength(ending)
  if (room <= 0) return cut(mark, maxBytes)
  const kept: string[] = []
  let used = 0
  for (const line of text.split('\n')) {
    const bytes = Buffer.byteLength(line) + 1
    if (used + bytes > room) {
      if (kept.join('') === '') kept.push(cut(line, room - used))
      break
    }
    kept.push(line)
    used += bytes
  }
  return `${kept.join('\n').trimEnd()}${ending}`
}

/** Between what people see as characters. */
function cut(line: string, maxBytes: number): string {
  let units = Math.min(line.length, maxBytes)
  for (;;) {
    const head = shorten(longText(line, units), units).text
    const excess = Buffer.byteLength(head) - maxBytes
    if (excess <= 0) return head
    units -= Math.max(1, Math.floor(excess / 3))
  }
}
