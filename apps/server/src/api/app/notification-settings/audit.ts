import type { Stores } from '#server/db/stores.ts'
import type { ChannelSubject } from './deps.ts'

/** What was changed, by whom and for whom; never the address itself. */
export async function audit(
  tx: Stores,
  { tenantId, uid, actor, channel }: ChannelSubject,
  action: string,
  detail: Record<string, string | boolean>,
  at: number,
): Promise<void> {
  await tx.audit.append({ tenantId, at, actor, action, target: `user:${uid}`, detail: { channel, ...detail } })
}
