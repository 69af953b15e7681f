import type { EffectiveTexts, ParsedQueryOf } from '@countersign/contracts'
import { kindsOf, variablesOf } from '#server/texts/check-template.ts'
import { formatOf, targetOf } from '#server/texts/targets/index.ts'
import { templateWords } from '#server/texts/template.ts'
import { titleBytes } from '#server/texts/write-words.ts'
import type { User } from '#server/tickets/ports.ts'
import { effectiveText } from './effective.ts'
import type { TextTemplatesDeps } from './router.ts'
import { samplePlace } from './sample-place.ts'

/** All that is said through one channel in one language, and what its templates may use. */
export async function listTexts(
  deps: TextTemplatesDeps,
  user: User,
  { channel, locale }: ParsedQueryOf<'listTexts'>,
): Promise<EffectiveTexts> {
  const own = new Map(
    (await deps.store.stores.texts.texts(user.tenantId, channel, locale)).map((text) => [text.kind, text]),
  )
  const place = await samplePlace(deps, user, { channel, locale })
  const kinds = kindsOf(channel)
  const variables: EffectiveTexts['variables'] = {}
  for (const kind of kinds) variables[kind] = variablesOf(kind, place)
  return {
    items: kinds.map((kind) => effectiveText({ kind, channel, locale }, own.get(kind) ?? null)),
    variables,
    tags: [...templateWords.tags],
    filters: [...templateWords.filters],
    limits: { titleBytes, bodyBytes: targetOf(formatOf(channel)).maxBytes },
  }
}
