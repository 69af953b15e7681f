/** What people type is text, never a pattern. What it is looked for in is lower case, see `search_text`. */
export function searchPattern(q: string): string {
  return `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
}

/** `1042` and `#1042` name a ticket; -1 names none. */
export function numberIn(q: string): number {
  const digits = /^#?(\d{1,15})$/.exec(q.trim())?.[1]
  return digits === undefined ? -1 : Number(digits)
}
