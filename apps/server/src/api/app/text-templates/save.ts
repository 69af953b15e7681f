import type { EffectiveText, ResetText, SaveText } from '@countersign/contracts'
import type { TextPlace } from '#server/db/text-store.ts'
import { AppError } from '#server/errors.ts'
import { checkTemplate } from '#server/texts/check-template.ts'
import { asCarried } from '#server/texts/defaults/index.ts'
import type { AuditEntry, User } from '#server/tickets/ports.ts'
import { effectiveText, requireKind } from './effective.ts'
import type { TextTemplatesDeps } from './router.ts'
import { samplePlace } from './sample-place.ts'

/** Keeps a text that is known to work. Throws AppError with every reason why it does not, and its place. */
export async function saveText(
  deps: TextTemplatesDeps,
  user: User,
  { kind, channel, locale, title, body }: SaveText,
): Promise<EffectiveText> {
  requireKind(kind, channel)
  const place = { kind, channel, locale }
  const text = asCarried(kind, channel, { title, body })
  const errors = checkTemplate(kind, channel, text, await samplePlace(deps, user, place))
  if (errors.length > 0) throw new AppError('invalid_request', 'the text is not acceptable', { errors })
  const at = deps.now()
  await deps.store.run(async (tx) => {
    await tx.texts.put(user.tenantId, place, text, user.uid, at)
    await tx.audit.append(entry(user, place, at, 'text_template.save', text))
  })
  return effectiveText(place, { kind, ...text, updatedAt: at, updatedBy: user.uid })
}

/** Back to the default; nothing is recorded where it is the default already. */
export async function resetText(
  deps: TextTemplatesDeps,
  user: User,
  { kind, channel, locale }: ResetText,
): Promise<EffectiveText> {
  requireKind(kind, channel)
  const place = { kind, channel, locale }
  await deps.store.run(async (tx) => {
    if (!(await tx.texts.remove(user.tenantId, place))) return
    await tx.audit.append(entry(user, place, deps.now(), 'text_template.reset', {}))
  })
  return effectiveText(place, null)
}

function entry(
  { tenantId, uid: actor }: User,
  { kind, channel, locale }: TextPlace,
  at: number,
  action: string,
  detail: AuditEntry['detail'],
): AuditEntry {
  return { tenantId, at, actor, action, target: `text_template:${kind}/${channel}/${locale}`, detail }
}
