import { type CommandName, commandNames, words } from './words.ts'

/** What a person asks of the bot. `ticket` is the number that they named, or null where one is missing. */
export type Command =
  | { name: 'pending' }
  | { name: 'approve' | 'reject'; ticket: number | null; comment: string | null }
  | { name: 'confirm'; ticket: number | null }
  | { name: 'help' }
  /** No command of ours. */
  | { name: 'unknown' }

/** As the reason field on the card and the API have it. */
const maxCommentLength = 1_000

/** Longest first, so that "approved" is not taken for "approve" and a rest. */
const vocabulary: readonly { word: string; name: CommandName }[] = Object.values(words)
  .flatMap((language) => commandNames.flatMap((name) => language[name].map((word) => ({ word: folded(word), name }))))
  .sort((a, b) => b.word.length - a.word.length)

/**
 * Reads what a person wrote: the word first, in any of our languages and any case, then the number with or without `#`
 * and spaces, then the comment. Full-width and Arabic digits are digits.
 */
export function parseCommand(message: string): Command {
  const text = message.replace(invisible, '').trim().replace(leadingMentions, '')
  const even = folded(text)
  const known = vocabulary.find(({ word }) => even.startsWith(word) && endsThere(even.slice(word.length)))
  if (known === undefined) return { name: 'unknown' }
  const { word, name } = known
  // Same length as the original, so the place of the comment is the same in both.
  const number = ticketNumber.exec(even.slice(word.length))
  if (name === 'pending' || name === 'help') {
    // "help me to approve 1042" is a sentence, not a command.
    return /^[\s!.?。！？]*$/u.test(even.slice(word.length)) ? { name } : { name: 'unknown' }
  }
  const digits = number?.groups?.digits
  if (number === null || digits === undefined) return withoutNumber(name, even.slice(word.length))
  const rest = text.slice(word.length + number[0].length).replace(leadingPunctuation, '')
  if (name !== 'confirm') return { name, ticket: Number(digits), comment: commentIn(rest) }
  return rest.trim() === '' ? { name, ticket: Number(digits) } : { name: 'unknown' }
}

/** A word alone lacks its number; a word in a sentence is no command. */
function withoutNumber(name: 'approve' | 'reject' | 'confirm', rest: string): Command {
  if (!/^[\s#!.。！]*$/u.test(rest)) return { name: 'unknown' }
  return name === 'confirm' ? { name, ticket: null } : { name, ticket: null, comment: null }
}

/** Zero-width characters and direction marks, which clients put around mentions and right-to-left words. */
const invisible = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\0]/g
/** "@Countersign approve 1042", where the platform left the mention in the text. */
const leadingMentions = /^(?:@\S+\s+)+/u
/** At most nine digits, since more is no number of a ticket; a Latin letter right after them makes it some other name. */
const ticketNumber = /^[\s:,、،-]*#?\s*(?<digits>\d{1,9})(?![\da-z_])/u
const leadingPunctuation = /^[\s:,.;、。，：；،؛-]+/u

/** The word must end where it ends: 同意书 is no command, 同意1042 is. */
function endsThere(rest: string): boolean {
  return !/^[\p{Letter}\p{Mark}]/u.test(rest)
}

function commentIn(rest: string): string | null {
  const comment = rest.trim().slice(0, maxCommentLength).toWellFormed()
  return comment === '' ? null : comment
}

/** Lower case, with plain digits and ASCII in place of their full-width and Arabic forms. Never changes the length. */
function folded(text: string): string {
  return text.replace(/[\s\S]/g, (unit) => {
    const code = unit.charCodeAt(0)
    if (code === 0x3000) return ' '
    if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0).toLowerCase()
    if (code >= 0x0660 && code <= 0x0669) return String(code - 0x0660)
    if (code >= 0x06f0 && code <= 0x06f9) return String(code - 0x06f0)
    const lower = unit.toLowerCase()
    return lower.length === 1 ? lower : unit
  })
}
