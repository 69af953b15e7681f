import type { Run } from '#server/texts/marks.ts'

/** How a rendered text is written for one kind of receiver: everything in it is inert there but our own bold and links. */
export interface Target {
  /** `links`: the addresses by their numbers. */
  write(runs: readonly Run[], links: readonly string[]): string
  /** Of the written body, in bytes of UTF-8: well below what the channels carry, since facts and buttons come beside it. */
  maxBytes: number
}

export const wordJoiner = '\u2060'

/** Breaks what a client would turn into a link by itself, without a visible change. */
export function unlinked(text: string): string {
  return text.replace(/:(?=\/\/)|\bwww(?=\.)/gi, (found) => `${found}${wordJoiner}`)
}
