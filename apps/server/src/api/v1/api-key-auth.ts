import { createHash } from 'node:crypto'
import { type Endpoint, endpoints, type RouteName } from '@countersign/contracts'
import type { Request } from 'express'
import type { ApiKey, TenantStore } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'

/** The key of a request, with the scope that the endpoint asks for. Throws 401 and 403. */
export async function authorizeKey(tenants: TenantStore, req: Request, name: RouteName): Promise<ApiKey> {
  const [scheme, key, ...rest] = (req.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || key === undefined || key === '' || rest.length > 0) {
    throw new AppError('unauthorized', 'send the API key as Authorization: Bearer csk_…')
  }
  // Looked up by digest: the comparison happens on a hash that the caller cannot steer.
  const found = await tenants.apiKeyByHash(createHash('sha256').update(key).digest('hex'))
  if (found === null) throw new AppError('unauthorized', 'this API key is not known')
  const { auth }: Endpoint = endpoints[name]
  if (typeof auth === 'object' && !found.scopes.includes(auth.scope)) {
    throw new AppError('missing_scope', `this API key lacks the scope ${auth.scope}`)
  }
  return found
}
