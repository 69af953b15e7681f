import type { Run } from '#server/texts/marks.ts'
import { type Target, unlinked, wordJoiner } from './target.ts'

/*
 * The dialects of group robots. Neither documents a way to escape, so look-alikes take the place of what they give a
 * meaning to: mentions (`<@userid>`, `@all`), tags (`<font>`), links, images, code, emphasis, and a line's first mark.
 */

const lookAlikes: Readonly<Record<string, string>> = {
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '@': '＠',
  '`': 'ˋ',
  '*': '∗',
  '\\': '＼',
  '~': '∼',
  _: '＿',
  '&': '＆',
}
/** `_` within a word, `~` between spaces, and `&` that begins no entity are themselves in every dialect. */
const ACTIVE = /[[\]<>@`*\\]|~(?=\S)|(?<=\S)~|&(?=[#\w])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu
/** What begins a heading, list, rule, table or underlined heading. */
const LINE_START = /^(?:[#+=|-]|\d+[.)])/

function markdown(lineEnd: string, maxBytes: number): Target {
  return {
    maxBytes,
    write(runs, links) {
      let text = ''
      for (const run of runs) text += writeRun(run, links, /(?:^|\n)[ \t]*$/.test(text))
      const paragraphs = text.trim().replace(/[ \t]+$/gm, '')
      return paragraphs.replace(/\n+/g, (ends) => (ends.length > 1 ? '\n\n' : lineEnd))
    },
  }
}

function writeRun({ text, isBold, isValue, link }: Run, links: readonly string[], isAtStart: boolean): string {
  const url = link === null ? undefined : links[link]
  if (url !== undefined) return `[${inertMarkdown(unlinked(text || url), false)}](${linkTarget(url)})`
  const words = inertMarkdown(isValue ? unlinked(text) : text, isAtStart)
  return isBold ? words.replace(/[^\n]+/g, boldLine) : words
}

/** Emphasis ends with its line, and holds no space at either end. */
function boldLine(line: string): string {
  const inner = line.trim()
  return inner === '' ? line : line.replace(inner, () => `**${inner}**`)
}

function linkTarget(url: string): string {
  return url.replace(/[()<>\s]/g, (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function inertMarkdown(text: string, isAtStart: boolean): string {
  const lines = text.replace(ACTIVE, (mark) => lookAlikes[mark] ?? '').split('\n')
  return lines
    .map((line, index) => {
      if (index === 0 && !isAtStart) return line
      // Spaces at the start would make it code.
      const content = index === 0 ? line : line.trimStart()
      return LINE_START.test(content) ? `${wordJoiner}${content}` : content
    })
    .join('\n')
}

/** DingTalk joins lines that are not paragraphs of their own. */
export const dingtalkMarkdown: Target = markdown('\n\n', 6_000)
export const wecomMarkdown: Target = markdown('\n', 2_000)
