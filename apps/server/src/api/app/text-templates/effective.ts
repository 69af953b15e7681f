import type { EffectiveText, TextKind, TextTemplate } from '@countersign/contracts'
import type { OwnText, TextPlace } from '#server/db/text-store.ts'
import { AppError } from '#server/errors.ts'
import { kindsOf } from '#server/texts/check-template.ts'
import { defaultText } from '#server/texts/defaults/index.ts'

/** What is said at a place: the tenant's own text, else the default. */
export function effectiveText(place: TextPlace, own: OwnText | null): EffectiveText {
  const { kind, channel, locale } = place
  const standard = defaultText(kind, channel, locale)
  const { title, body }: TextTemplate = own ?? standard
  return {
    kind,
    channel,
    locale,
    title,
    body,
    default: standard,
    isOwn: own !== null,
    updatedAt: own === null ? null : new Date(own.updatedAt).toISOString(),
    updatedBy: own?.updatedBy ?? null,
  }
}

/** Throws AppError where nothing of this kind is ever said through the channel. */
export function requireKind(kind: TextKind, channel: TextPlace['channel']): void {
  const kinds = kindsOf(channel)
  if (kinds.includes(kind)) return
  const message = `is not said through ${channel}: ${kinds.join(', ')} are`
  throw new AppError('invalid_request', `${channel} has no text of this kind`, { errors: [{ path: 'kind', message }] })
}
