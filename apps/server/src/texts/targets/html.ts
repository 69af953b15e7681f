import { type Target, unlinked } from './target.ts'

/** For a mail: elements of ours, everything else text. What was put in keeps its own direction. */
export const html: Target = {
  maxBytes: 20_000,
  write: (runs, links) =>
    runs
      .map(({ text, isBold, isValue, link }) => {
        const url = link === null ? undefined : links[link]
        if (link !== null && url === undefined) return escaped(text)
        const words = escaped(url !== undefined && text === '' ? url : isValue ? unlinked(text) : text)
        const inner =
          url !== undefined ? `<a href="${escaped(url)}">${words}</a>` : isValue ? `<bdi>${words}</bdi>` : words
        return isBold ? `<strong>${inner}</strong>` : inner
      })
      .join('')
      .trim()
      .replaceAll('\n', '<br>\n'),
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}
