import { createHmac, timingSafeEqual } from 'node:crypto'
import type { TenantId, Uid } from '@countersign/contracts'
import type { Store } from '#server/db/stores.ts'

/** Where the link at the foot of a mail leads; what follows is the tenant, the person and the proof. */
export const signOffPath = '/mail-notices'

/** Whom a link is about, and that it is ours. It can do one thing only, so it holds for good and any number of times. */
export interface SignOffLinks {
  linkFor(person: { tenantId: TenantId; uid: Uid }): string
  holds(person: { tenantId: TenantId; uid: Uid }, proof: string): boolean
}

/** The first key signs, the others know what was signed before a key rotation. */
export function createSignOffLinks(keys: readonly Buffer[], publicUrl: string): SignOffLinks {
  const [current] = keys
  if (current === undefined) throw new Error('links that stop mails need at least one key')
  return {
    linkFor({ tenantId, uid }) {
      const proof = proofOf(current, tenantId, uid).toString('base64url')
      return `${publicUrl}${signOffPath}/${tenantId}/${encodeURIComponent(uid)}/${proof}`
    },
    holds({ tenantId, uid }, proof) {
      const given = Buffer.from(proof, 'base64url')
      return keys.some((key) => {
        const expected = proofOf(key, tenantId, uid)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
    },
  }
}

/** Switches e-mail notices off for the person. True when this changed something; the audit says who wanted it how. */
export function signOff(store: Store, person: { tenantId: TenantId; uid: Uid }, at: number): Promise<boolean> {
  const { tenantId, uid } = person
  return store.run(async (tx) => {
    const bound = await tx.notificationSettings.channel(tenantId, uid, 'email')
    if (bound === null || !bound.enabled) return false
    await tx.notificationSettings.setHow(tenantId, uid, { channel: 'email', enabled: false, mode: bound.mode }, at)
    const detail = { channel: 'email', enabled: false, via: 'mail-link' }
    const entry = { action: 'notification.channel_changed', target: `user:${uid}`, detail }
    await tx.audit.append({ tenantId, at, actor: uid, ...entry })
    return true
  })
}

function proofOf(key: Buffer, tenantId: string, uid: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['mail-notices', tenantId, uid]))
    .digest()
}
