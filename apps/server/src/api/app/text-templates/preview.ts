import {
  type ChannelName,
  locales,
  NoticeEvent,
  type PreviewTexts,
  type TextPreviews,
  type TextTemplate,
} from '@countersign/contracts'
import { readableTicket } from '#server/api/app/my-tickets.ts'
import { AppError } from '#server/errors.ts'
import { checkTemplate, type SamplePlace } from '#server/texts/check-template.ts'
import { asCarried, defaultText } from '#server/texts/defaults/index.ts'
import { sampleContent } from '#server/texts/sample.ts'
import { formatOf } from '#server/texts/targets/index.ts'
import type { TextContent } from '#server/texts/text-renderer.ts'
import { sceneOf } from '#server/texts/variables.ts'
import { TextError, writeWords } from '#server/texts/write-words.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { requireKind } from './effective.ts'
import type { TextTemplatesDeps } from './router.ts'
import { samplePlace } from './sample-place.ts'

/** A text in every language, as it would go out: with a sample, or with a ticket that the person may read. */
export async function previewTexts(
  deps: TextTemplatesDeps,
  user: User,
  { kind, channel, ticket: ticketId, draft }: PreviewTexts,
): Promise<TextPreviews> {
  requireKind(kind, channel)
  const ticket = ticketId === undefined ? null : await readableTicket(deps.store.stores, user, ticketId)
  const items: TextPreviews['items'] = []
  for (const locale of locales) {
    const place = await samplePlace(deps, user, { channel, locale })
    const isDraft = draft?.locale === locale
    if (isDraft) refuseBad(checkTemplate(kind, channel, draft, place))
    const own = isDraft
      ? asCarried(kind, channel, draft)
      : await deps.store.stores.texts.text(user.tenantId, { kind, channel, locale })
    const content = await contentOf(deps, user, { kind, channel, ticket, place })
    items.push({ locale, isOwn: own !== null, ...written(own, content, { kind, channel, place }) })
  }
  return { format: formatOf(channel), items }
}

interface Asked {
  kind: PreviewTexts['kind']
  channel: ChannelName
  place: SamplePlace
}

/** A stored text that cannot be used any more is shown as it is said: by the default. */
function written(own: TextTemplate | null, content: TextContent, { kind, channel, place }: Asked) {
  const { reader } = place
  const write = (text: TextTemplate) => writeWords(text, sceneOf(content, reader), formatOf(channel), reader.locale)
  try {
    return write(own ?? defaultText(kind, channel, reader.locale))
  } catch (error) {
    if (!(error instanceof TextError) || own === null) throw error
    return write(defaultText(kind, channel, reader.locale))
  }
}

function refuseBad(errors: { path: string; message: string }[]): void {
  if (errors.length === 0) return
  const inDraft = errors.map(({ path, message }) => ({ path: `draft.${path}`, message }))
  throw new AppError('invalid_request', 'the text is not acceptable', { errors: inDraft })
}

async function contentOf(
  { composer, store }: TextTemplatesDeps,
  user: User,
  { kind, channel, ticket, place }: Asked & { ticket: Ticket | null },
): Promise<TextContent> {
  const { locale, timeZone } = place.reader
  const sample = sampleContent(kind, { locale, timeZone, link: place.link, lines: place.lines })
  const event = NoticeEvent.safeParse(kind)
  if (ticket === null || (!event.success && kind !== 'bundle')) return sample
  const card = await composer.compose(store.stores, {
    ticket,
    recipient: user.uid,
    event: event.data ?? 'pending',
    channel,
    takesActions: false,
  })
  if (card === null) return sample
  const item = { event: event.data ?? 'pending', ticket: { ...card, locale, timeZone } }
  return sample.kind === 'bundle' ? { ...sample, items: [item, ...sample.items] } : { kind: 'notice', item }
}
