import { inert, inertLine } from '#server/channels/text.ts'

/*
 * What stands in a rendered template beside its text. Code points that stand
 * for no character and are meant for use inside of a program. No text that people wrote keeps them (see `personText`) and
 * no template may contain one: nobody but us can open or close anything.
 */

export const marks = {
  boldOn: '\uFDD1',
  boldOff: '\uFDD2',
  /** Around everything that is put in by `{{ … }}`. */
  valueOn: '\uFDD3',
  valueOff: '\uFDD4',
  /** A link of ours: its number, `linkLabel`, what it is called (or nothing), `linkOff`. */
  linkOn: '\uFDD5',
  linkLabel: '\uFDD6',
  linkOff: '\uFDD7',
} as const

/** The address itself never goes through a template, only its number. */
export function linkMark(index: number, label = ''): string {
  return `${marks.linkOn}${index}${marks.linkLabel}${label}${marks.linkOff}`
}

/** Characters without width that hide text, split words or carry other text unseen; joiners of letters and emoji stay. */
const HIDDEN =
  /[\u00AD\u115F\u1160\u180E\u200B\u2060-\u2064\u206A-\u206F\u3164\uFEFF\uFFA0\uFDD0-\uFDEF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu

/** What somebody wrote, on one line, fit to be put into a sentence. Cut at `limit` UTF-16 units by whoever calls. */
export function personLine(text: string): string {
  return inertLine(text.replace(HIDDEN, ''))
}

/** The same with its line ends. */
export function personText(text: string): string {
  return inert(text.replace(HIDDEN, '')).trim()
}

/** For the name of a link, which may be put together from other outputs. */
export function withoutMarks(text: string): string {
  return text
    .replace(/[\uFDD1-\uFDD7]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A stretch of a rendered text that is written alike. */
export interface Run {
  text: string
  isBold: boolean
  /** Put in, not written by the author of the template. */
  isValue: boolean
  /** The number of the link that it is the name of. */
  link: number | null
}

/** Reads the marks. One that is out of place, since a filter cut through it, means nothing. */
export function runsOf(marked: string): Run[] {
  const runs: Run[] = []
  let bold = 0
  let value = 0
  for (const part of marked.split(/(\uFDD5\d*\uFDD6[^\uFDD5-\uFDD7]*\uFDD7|[\uFDD1-\uFDD7])/)) {
    if (part === '') continue
    if (part === marks.boldOn) bold += 1
    else if (part === marks.boldOff) bold = Math.max(0, bold - 1)
    else if (part === marks.valueOn) value += 1
    else if (part === marks.valueOff) value = Math.max(0, value - 1)
    else if (part.startsWith(marks.linkOn)) runs.push(...linkRun(part, bold > 0))
    else if (!/^[\uFDD5-\uFDD7]$/.test(part))
      runs.push({ text: part, isBold: bold > 0, isValue: value > 0, link: null })
  }
  return runs
}

function linkRun(part: string, isBold: boolean): Run[] {
  const [number = '', label = ''] = part.slice(1, -1).split(marks.linkLabel)
  if (number === '') return []
  return [{ text: withoutMarks(label), isBold, isValue: true, link: Number(number) }]
}
