import type { Locale, TextTemplate } from '@countersign/contracts'
import type { Words } from '#server/channels/messenger.ts'
import { ellipsis } from '#server/channels/text.ts'
import { runsOf } from './marks.ts'
import { targetOf, type WrittenFormat } from './targets/index.ts'
import { plain } from './targets/plain.ts'
import { sms } from './targets/sms.ts'
import { writeWithin } from './targets/write-within.ts'
import { compileTemplate, TemplateError } from './template.ts'
import type { Scene } from './variables.ts'

/** Of a title as it goes out. Mailboxes and robots show less. */
export const titleBytes = 600
/** Of a title, in UTF-16 units. */
const titleUnits = 300

/** A template that cannot be used, and in which half of the text. */
export class TextError extends Error {
  override name = 'TextError'
  readonly part: 'title' | 'body'
  readonly reason: TemplateError

  constructor(part: 'title' | 'body', reason: TemplateError) {
    super(`${part}, line ${reason.line}, column ${reason.column}: ${reason.message}`, { cause: reason })
    this.part = part
    this.reason = reason
  }
}

/** A text as it goes out. Throws TextError when a template cannot be read, or names what the scene does not have. */
export function writeWords(text: TextTemplate, scene: Scene, format: WrittenFormat, locale: Locale): Words {
  const title = runsOf(marked('title', text, scene, locale))
  const body = runsOf(marked('body', text, scene, locale))
  const head = format === 'sms' ? sms : plain
  const line = ellipsis(writeWithin(head, title, scene.links, titleBytes), titleUnits)
  return { title: line, body: writeWithin(targetOf(format), body, scene.links) }
}

function marked(part: 'title' | 'body', text: TextTemplate, scene: Scene, locale: Locale): string {
  try {
    return compileTemplate(text[part], locale).render(scene.scope)
  } catch (error) {
    throw error instanceof TemplateError ? new TextError(part, error) : error
  }
}
