import { z } from 'zod'
import { ChannelName, Locale, Timestamp, Uid } from './identifiers.ts'
import { noticeEvents } from './vocabulary.ts'

/*
 * What is said to people, and how a tenant says it otherwise: a title of one line and a body, per kind, channel and
 * language. Templates are Liquid; docs/notifications.md, "Texts", names the variables.
 */

/** What a text is about: an event of a ticket, several tickets at once, or no ticket at all. */
export const textKinds = [...noticeEvents, 'bundle', 'code', 'test', 'report'] as const
export const TextKind = z.enum(textKinds)
export type TextKind = z.infer<typeof TextKind>

export const TextTemplate = z.strictObject({
  title: z.string().trim().min(1).max(300),
  body: z.string().trim().min(1).max(4_000),
})
export type TextTemplate = z.infer<typeof TextTemplate>

const TextPlace = { kind: TextKind, channel: ChannelName, locale: Locale }

/** `GET /api/app/text-templates`: all that is said through one channel in one language. */
export const ListTexts = z.strictObject({ channel: ChannelName, locale: Locale })
export const EffectiveText = z.object({
  ...TextPlace,
  /** What is said now: the tenant's own, else the default. */
  title: z.string(),
  body: z.string(),
  default: z.object({ title: z.string(), body: z.string() }),
  /** Whether it is the tenant's own, and since when. */
  isOwn: z.boolean(),
  updatedAt: Timestamp.nullable(),
  updatedBy: Uid.nullable(),
})
export type EffectiveText = z.infer<typeof EffectiveText>

/** Something that a template may name. `name` is stable; a part of what is in a list stands as `fields[].label`. */
export const TextVariable = z.object({
  name: z.string(),
  /** `text` may be missing and is then nothing: `{% if due %}`. */
  type: z.enum(['text', 'number', 'flag', 'list', 'link']),
  /** As it is in the sample ticket, in the language asked for; null where it is missing there, and for a list. */
  example: z.string().nullable(),
})
export type TextVariable = z.infer<typeof TextVariable>

export const EffectiveTexts = z.object({
  items: z.array(EffectiveText),
  /** What each kind of text may name. */
  variables: z.partialRecord(TextKind, z.array(TextVariable)),
  tags: z.array(z.string()),
  filters: z.array(z.string()),
  /** Of the text as it goes out, in bytes of UTF-8; what is longer is cut. */
  limits: z.object({ titleBytes: z.int(), bodyBytes: z.int() }),
})
export type EffectiveTexts = z.infer<typeof EffectiveTexts>

/** `PUT /api/app/text-templates`. */
export const SaveText = z.strictObject({ ...TextPlace, ...TextTemplate.shape })
export type SaveText = z.infer<typeof SaveText>
/** `DELETE /api/app/text-templates`: back to the default. */
export const ResetText = z.strictObject(TextPlace)
export type ResetText = z.infer<typeof ResetText>

/**
 * `POST /api/app/text-templates/preview`: a text in every language, filled with a sample ticket or with one of the
 * tenant's (`ticket` is its id). `draft` is shown in place of what is stored in its language.
 */
export const PreviewTexts = z.strictObject({
  kind: TextKind,
  channel: ChannelName,
  ticket: z.string().min(1).max(64).optional(),
  draft: z.strictObject({ locale: Locale, ...TextTemplate.shape }).optional(),
})
export type PreviewTexts = z.infer<typeof PreviewTexts>
export const textFormats = ['plain', 'sms', 'html', 'dingtalk-markdown', 'wecom-markdown'] as const
export const TextPreviews = z.object({
  /** How the body is written. HTML holds elements of ours alone. */
  format: z.enum(textFormats),
  items: z.array(z.object({ locale: Locale, title: z.string(), body: z.string(), isOwn: z.boolean() })),
})
export type TextPreviews = z.infer<typeof TextPreviews>
