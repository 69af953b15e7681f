/** A piece of text inside a line. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; inner: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; inner: Inline[]; url: string }
  | { kind: 'font'; color: string; inner: Inline[] }
  | { kind: 'tag'; color: string; inner: Inline[] }
  | { kind: 'mention'; id: string }
  | { kind: 'break' }

/** A block of a markdown component. */
export type Block =
  | { kind: 'paragraph'; inner: Inline[] }
  | { kind: 'heading'; level: number; inner: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'quote'; inner: Inline[] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'rule' }

const listItem = /^\s*(?:[-*+]|(\d+)\.)\s+(.*)$/

/** Parses the markdown dialect of cards into blocks; unknown syntax stays text, and nothing becomes raw HTML. */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = []
  const lines = source.split('\n')
  let paragraph: string[] = []
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', inner: parseInline(paragraph.join('\n')) })
    paragraph = []
  }
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const fence = /^\s*```(\S*)\s*$/.exec(line)
    if (fence) {
      flush()
      const end = lines.findIndex((other, position) => position > index && /^\s*```\s*$/.test(other))
      const last = end < 0 ? lines.length : end
      blocks.push({
        kind: 'code',
        language: fence[1] ?? '',
        text: decodeEntities(lines.slice(index + 1, last).join('\n')),
      })
      index = last
      continue
    }
    const block = parseLine(line)
    if (block === undefined) {
      if (line.trim() === '') flush()
      else paragraph.push(line)
      continue
    }
    flush()
    const previous = blocks.at(-1)
    if (block.kind === 'list' && previous?.kind === 'list' && previous.isOrdered === block.isOrdered) {
      previous.items.push(...block.items)
    } else blocks.push(block)
  }
  flush()
  return blocks
}

function parseLine(line: string): Block | undefined {
  if (/^\s*(---+|<hr\s*\/?>)\s*$/.test(line)) return { kind: 'rule' }
  const heading = /^(#{1,6})\s+(.*)$/.exec(line)
  if (heading) return { kind: 'heading', level: heading[1]?.length ?? 1, inner: parseInline(heading[2] ?? '') }
  const quote = /^>\s?(.*)$/.exec(line)
  if (quote) return { kind: 'quote', inner: parseInline(quote[1] ?? '') }
  const item = listItem.exec(line)
  if (item) return { kind: 'list', isOrdered: item[1] !== undefined, items: [parseInline(item[2] ?? '')] }
  return undefined
}

interface Rule {
  pattern: RegExp
  build: (groups: string[]) => Inline
}

/** Tried together at every position; the earliest match wins, and among equals the first rule. */
const rules: Rule[] = [
  { pattern: /\\([\\`*_{}[\]()#+\-.!~<>&])/, build: ([text = '']) => ({ kind: 'text', text }) },
  { pattern: /`([^`\n]+)`/, build: ([text = '']) => ({ kind: 'code', text: decodeEntities(text) }) },
  { pattern: /\*\*(?=\S)([\s\S]+?)\*\*/, build: ([text = '']) => ({ kind: 'bold', inner: parseInline(text) }) },
  { pattern: /~~([\s\S]+?)~~/, build: ([text = '']) => ({ kind: 'strike', inner: parseInline(text) }) },
  { pattern: /\*(?=\S)([^*\n]+?)\*/, build: ([text = '']) => ({ kind: 'italic', inner: parseInline(text) }) },
  {
    pattern: /\[([^\]\n]*)\]\(([^)\s]+)\)/,
    build: ([text = '', url = '']) => ({ kind: 'link', inner: parseInline(text), url: decodeEntities(url) }),
  },
  {
    pattern: /<font\s+color=['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/font>/,
    build: ([color = '', text = '']) => ({ kind: 'font', color, inner: parseInline(text) }),
  },
  {
    pattern: /<text_tag\s+color=['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/text_tag>/,
    build: ([color = '', text = '']) => ({ kind: 'tag', color, inner: parseInline(text) }),
  },
  { pattern: /<at\s+id=['"]?([^'">\s]+)['"]?\s*>\s*<\/at>/, build: ([id = '']) => ({ kind: 'mention', id }) },
  {
    pattern: /<a\s+href=['"]([^'"]+)['"]\s*>([\s\S]*?)<\/a>/,
    build: ([url = '', text = '']) => ({ kind: 'link', inner: parseInline(text), url: decodeEntities(url) }),
  },
  { pattern: /<br\s*\/?>|\n/, build: () => ({ kind: 'break' }) },
]

/** Parses one run of text. */
export function parseInline(source: string): Inline[] {
  const pieces: Inline[] = []
  let rest = source
  while (rest !== '') {
    let best: { match: RegExpExecArray; rule: Rule } | undefined
    for (const rule of rules) {
      const match = rule.pattern.exec(rest)
      if (match !== null && (best === undefined || match.index < best.match.index)) best = { match, rule }
    }
    if (best === undefined) {
      pieces.push({ kind: 'text', text: decodeEntities(rest) })
      break
    }
    const { match, rule } = best
    if (match.index > 0) pieces.push({ kind: 'text', text: decodeEntities(rest.slice(0, match.index)) })
    pieces.push(rule.build(match.slice(1)))
    rest = rest.slice(match.index + match[0].length)
  }
  return pieces
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Entities are how cards carry characters that would otherwise be markup. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return codePoint(Number(decimal)) ?? whole
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16)) ?? whole
    return named[String(name).toLowerCase()] ?? whole
  })
}

function codePoint(value: number): string | undefined {
  return value <= 0x10ffff ? String.fromCodePoint(value) : undefined
}
