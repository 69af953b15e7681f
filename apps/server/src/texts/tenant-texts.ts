import type { TenantStore } from '#server/db/stores.ts'
import type { TextStore } from '#server/db/text-store.ts'
import type { Log } from '#server/log.ts'
import { defaultText } from './defaults/index.ts'
import { formatOf } from './targets/index.ts'
import type { TextRenderer } from './text-renderer.ts'
import { sceneOf } from './variables.ts'
import { TextError, writeWords } from './write-words.ts'

export interface TenantTextsDeps {
  stores: { texts: Pick<TextStore, 'text'>; tenants: Pick<TenantStore, 'tenant'> }
  log: Pick<Log, 'warn'>
}

/**
 * Says it in the tenant's own words where it has some, else by default. A text of the tenant's that cannot be used any
 * more must not keep anybody from being told: then the default is said, and the log says why.
 */
export function createTenantTexts({ stores, log }: TenantTextsDeps): TextRenderer {
  return {
    async render(tenantId, { channel, recipient, locale, timeZone, format, content }) {
      const tenant = await stores.tenants.tenant(tenantId)
      const scene = sceneOf(content, { name: recipient.name, tenantName: tenant?.name ?? tenantId, locale, timeZone })
      const written = format === 'plain' ? formatOf(channel) : format
      const place = { kind: scene.kind, channel, locale }
      const own = await stores.texts.text(tenantId, place)
      if (own !== null) {
        try {
          const words = writeWords(own, scene, written, locale)
          if (words.title !== '' && words.body !== '') return words
          log.warn({ tenantId, ...place }, 'a text of the tenant says nothing; the default is said')
        } catch (error) {
          if (!(error instanceof TextError)) throw error
          log.warn(
            { tenantId, ...place, reason: error.message },
            'a text of the tenant cannot be used; the default is said',
          )
        }
      }
      return writeWords(defaultText(scene.kind, channel, locale), scene, written, locale)
    },
  }
}
