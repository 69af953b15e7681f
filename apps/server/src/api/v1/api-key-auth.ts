import { createHash } from 'node:crypto'
import { type KeyRoute, whoMay } from '@countersign/contracts'
import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import type { ApiKey, TenantStore } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'

/** The key of a request, with the scope that the endpoint asks for. Throws 401 and 403. */
export type KeyAuth = (req: Request, name: KeyRoute) => Promise<ApiKey>

/** That a key is in use is written down so often, not with every request. */
const noteEveryMs = 60_000

export function createKeyAuth({ tenants, now }: { tenants: TenantStore; now: () => number }): KeyAuth {
  const noted = new LRUCache<string, number>({ max: 1_000 })

  const note = async (key: ApiKey): Promise<void> => {
    const id = `${key.tenantId}/${key.name}`
    const at = now()
    if (at - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return
    noted.set(id, at)
    await tenants.noteApiKeyUse(key, at)
  }

  return async (req, name) => {
    const [scheme, key, ...rest] = (req.headers.authorization ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || key === undefined || key === '' || rest.length > 0) {
      throw new AppError('unauthorized', 'send the API key as Authorization: Bearer csk_…')
    }
    // Looked up by digest: the comparison happens on a hash that the caller cannot steer.
    const found = await tenants.apiKeyByHash(createHash('sha256').update(key).digest('hex'), now())
    if (found === null) throw new AppError('unauthorized', 'this API key is not known, or has run out')
    const { scope } = whoMay[name]
    if (!found.scopes.includes(scope)) throw new AppError('missing_scope', `this API key lacks the scope ${scope}`)
    await note(found)
    return found
  }
}
