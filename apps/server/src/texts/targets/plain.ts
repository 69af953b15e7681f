import type { Target } from './target.ts'

/** Words that nothing interprets: for bots, whose channel makes them inert, and for the field of a webhook. */
export const plain: Target = {
  maxBytes: 4_000,
  write: (runs, links) =>
    runs
      .map(({ text, link }) => {
        if (link === null) return text
        const url = links[link]
        if (url === undefined) return text
        return text === '' ? url : `${text}: ${url}`
      })
      .join('')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
}
