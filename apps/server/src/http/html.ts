/** HTML that may stand as it is: it was written here, and whatever came from outside in it is escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may be put into an `html` template. Nothing stands for what is not to be seen. */
export type HtmlPart = Html | string | number | null | readonly HtmlPart[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** Everything put in is escaped, unless it is HTML of ours. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((string, index) => string + written(parts[index] ?? null)).join(''))
}

function written(part: HtmlPart): string {
  if (part === null) return ''
  if (part instanceof Html) return part.text
  return isList(part) ? part.map(written).join('') : escapeHtml(String(part))
}

function isList(part: HtmlPart): part is readonly HtmlPart[] {
  return Array.isArray(part)
}
