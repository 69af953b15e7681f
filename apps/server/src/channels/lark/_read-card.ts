/* Reads a rendered card back the way a client would: which texts, mentions, links and buttons are on it. */

export interface ReadCard {
  /** Shown as it is. */
  texts: string[]
  /** Markdown outside of fences, which the client interprets. */
  interpreted: string[]
  /** Inside of fences. */
  code: string[]
  /** Mentions, links, images and tags found in any markdown, in fences too. */
  marks: string[]
  /** Addresses that a button opens. */
  links: string[]
  /** What buttons send back, with the confirmation they ask for. */
  buttons: { value: unknown; text: string; type: string; submits: boolean; confirm: string | null }[]
  components: { tag: string; [key: string]: unknown }[]
}

type Json = Record<string, unknown>

export function readCard(card: unknown): ReadCard {
  const read: ReadCard = { texts: [], interpreted: [], code: [], marks: [], links: [], buttons: [], components: [] }
  visit(card, read)
  return read
}

function visit(value: unknown, read: ReadCard): void {
  if (Array.isArray(value)) for (const item of value) visit(item, read)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const node = value as Json
  const tag = node.tag
  if (tag === 'plain_text') read.texts.push(String(node.content))
  if (tag === 'lark_md' || tag === 'markdown') readMarkdown(String(node.content), read)
  if (typeof tag === 'string' && tag !== 'plain_text' && tag !== 'text_tag') {
    read.components.push(node as ReadCard['components'][number])
  }
  if (tag === 'button') readButton(node, read)
  for (const [key, child] of Object.entries(node)) {
    // What a button sends back is data, not part of what is drawn.
    if (!(key === 'value' && node.type === 'callback')) visit(child, read)
  }
}

function readButton(node: Json, read: ReadCard): void {
  for (const behavior of node.behaviors as Json[]) {
    if (behavior.type === 'open_url') read.links.push(String(behavior.default_url))
    if (behavior.type !== 'callback') continue
    const confirm = node.confirm as { title: Json; text: Json } | undefined
    read.buttons.push({
      value: behavior.value,
      text: String((node.text as Json).content),
      type: String(node.type),
      submits: node.form_action_type === 'submit',
      confirm: confirm === undefined ? null : `${confirm.title.content} ${confirm.text.content}`,
    })
  }
}

/** Fences as CommonMark has them: closed by at least as many backticks, alone on their line. */
function readMarkdown(markdown: string, read: ReadCard): void {
  const outside: string[] = []
  let fence = ''
  let inside: string[] = []
  for (const line of markdown.split('\n')) {
    if (fence === '') {
      const opening = /^ {0,3}(`{3,})[^`]*$/.exec(line)?.[1]
      if (opening === undefined) outside.push(line)
      else fence = opening
      continue
    }
    const closing = /^ {0,3}(`{3,})\s*$/.exec(line)?.[1]
    if (closing !== undefined && closing.length >= fence.length) {
      read.code.push(inside.join('\n'))
      fence = ''
      inside = []
    } else inside.push(line)
  }
  if (fence !== '') throw new Error('a fence is left open')
  if (outside.join('').trim() !== '') read.interpreted.push(outside.join('\n'))
  const found = /<\/?(at|a|link|font|person|img|text_tag|number_tag|local_datetime|raw)\b|!?\[[^\]]*\]\(|<https?:/gi
  read.marks.push(...(markdown.match(found) ?? []))
}
