import { plain } from './plain.ts'
import type { Target } from './target.ts'

/**
 * What people wrote stays on its line and holds nothing that looks like an address: on the mainland a message with one in
 * a variable is refused as a whole (isv.PARAM_NOT_SUPPORT_URL), and everywhere a phone would make it a link.
 */
export const sms: Target = {
  maxBytes: 600,
  write: (runs, links) =>
    plain
      .write(
        runs.map((run) => (run.isValue ? { ...run, text: withoutAddresses(run.text).replace(/\s+/g, ' ') } : run)),
        links,
      )
      .replace(/\n+/g, '\n'),
}

const ADDRESS =
  /\b[a-z][a-z0-9+.-]*:\/\/\S*|\bwww\.\S*|\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?:[/:?#]\S*|\b)/giu

function withoutAddresses(text: string): string {
  return text.replace(ADDRESS, '…')
}
