import { inert } from '#server/channels/text.ts'

/* Code as the platform's markdown takes it, made inert. What is not code goes into plain_text. */

/** Languages by which the platform colours code; anything else is plain text. */
const knownLanguages: ReadonlySet<string> = new Set(
  'bash c cpp css diff go html http java javascript json kotlin lua markdown nginx objective_c php powershell properties protobuf python r ruby rust scala shell sql swift toml typescript xml yaml'.split(
    ' ',
  ),
)

/** Tags that the platform's markdown gives a meaning to, mentions first of all. */
const PLATFORM_TAG =
  /<(?=https?:|\/?(?:at|a|link|font|person|img|image|text_tag|number_tag|local_datetime|raw|br|hr|card|button|input)\b)/gi
const WORD_JOINER = '\u2060'

/**
 * A fenced code block that its content cannot leave: the fence is longer than any run of backticks inside, and where
 * text inside would be a tag, link or image of the platform outside of a fence, an invisible word joiner breaks it, so
 * that even a client that reads tags before fences finds none. `code` is inert already.
 */
export function codeBlock(language: string, code: string): string {
  const content = code.replace(PLATFORM_TAG, `<${WORD_JOINER}`).replaceAll('](', `]${WORD_JOINER}(`)
  const longestRun = Math.max(2, ...Array.from(content.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longestRun + 1)
  const name = knownLanguages.has(language.toLowerCase()) ? language.toLowerCase() : 'plain_text'
  return `${fence}${name}\n${content}\n${fence}`
}

/**
 * A text message in which nothing is markup: the platform reads tags (`<at>`, `<b>`), links and bold in text messages
 * too, and what people wrote into a ticket must not mention everybody.
 */
export function plainMessage(text: string): string {
  return inert(text)
    .replace(/<(?=[a-z/])/gi, `<${WORD_JOINER}`)
    .replaceAll('](', `]${WORD_JOINER}(`)
    .replaceAll('**', `*${WORD_JOINER}*`)
}
