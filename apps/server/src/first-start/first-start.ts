import type { Store } from '#server/db/stores.ts'
import { issueOneTimeLink } from '#server/session/one-time-link.ts'
import { ensureAdministrator } from './administrator.ts'

/** Of a host that was started without a provisioning file. */
const first = { tenantId: 'main', tenantName: 'Main', uid: 'admin', name: 'Administrator' }

/**
 * A host with nobody on it gets a tenant with one administrator. As long as that one has never logged in, every start
 * gives a new link for it; null once they have, or where the host was set up otherwise.
 */
export function firstAdministratorLink(
  store: Store,
  { publicUrl, now }: { publicUrl: string; now: number },
): Promise<string | null> {
  return store.run(async (tx) => {
    const tenants = await tx.settings.tenants()
    const [only, ...others] = tenants
    if (only !== undefined && (only.id !== first.tenantId || others.length > 0)) return null
    if (only === undefined) await ensureAdministrator(tx, first, now)
    const { tenantId, uid } = first
    const people = await tx.directory.list(tenantId, {}, { limit: 2 })
    const isAlone = people.items.length === 1 && people.items[0]?.uid === uid && !people.items[0].provisioned
    if (!isAlone) return null
    const logins = await tx.audit.list(tenantId, { actor: uid, action: 'session.login' }, { limit: 1 })
    if (logins.items.length > 0) return null
    return issueOneTimeLink(tx, { tenantId, uid }, { publicUrl, now })
  })
}
