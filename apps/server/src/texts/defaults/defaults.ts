import type { NoticeEvent, TextKind, TextTemplate } from '@countersign/contracts'

/** What is said about everything in one language, unless a tenant says it otherwise. */
export type DefaultTexts = Readonly<Record<TextKind, TextTemplate>>

/** What a mail says of a ticket. */
export type MailBodies = Readonly<Record<NoticeEvent, string>>

/** The facts of a ticket, a line each: the first five details, and how many more there are. */
export function facts(words: { submitter: string; due: string; more: string }): string {
  return `{{ module }} · {{ risk }} · {{ status }}
${words.submitter}{{ submitter }}{% if due %}
${words.due}{{ due }}{% endif %}{% for field in fields limit: 5 %}
{{ field.label }}: {{ field.value }}{% endfor %}{% if fields.size > 5 %}
${words.more}{% endif %}`
}
