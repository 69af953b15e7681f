/** A mail's HTML body as words only, for the part of the mail that needs no HTML. The body is of our own text renderer. */
export function wordsOf(body: string): string {
  return body
    .replace(/<a\s[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gis, (_all, link: string, words: string) =>
      words === link ? link : `${words} (${link})`,
    )
    .replace(/<br\s*\/?>\s*/gi, '\n')
    .replace(/<\/(p|div|li|h\d)>\s*/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_all, name: string) => entities[name] ?? '')
    .trim()
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: ' ',
}
