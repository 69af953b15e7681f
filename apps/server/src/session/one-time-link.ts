import { createHash, randomBytes } from 'node:crypto'
import type { TenantId, Uid } from '@countersign/contracts'
import type { Store, Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { consolePath } from '#server/http/console-page.ts'
import type { User } from '#server/tickets/ports.ts'

/** Long enough to be carried to the person by hand. */
export const oneTimeLinkMs = 24 * 60 * 60 * 1_000
const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/**
 * A link that logs this person in to the console, once. Its secret stands behind the `#`, which browsers send to nobody,
 * so that it is in no log. An earlier link of theirs no longer works. To be called inside a unit of work.
 */
export async function issueOneTimeLink(
  tx: Pick<Stores, 'sessions'>,
  to: { tenantId: TenantId; uid: Uid },
  { publicUrl, now }: { publicUrl: string; now: number },
): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await tx.sessions.putLink({ ...to, secretHash: digest(secret), expiresAt: now + oneTimeLinkMs })
  return `${publicUrl}${consolePath}login#link=${secret}`
}

/** Whom the link was given to. Throws `login_failed` for one that was used, has run out or never was. */
export async function redeemOneTimeLink({ stores }: Pick<Store, 'stores'>, secret: string, now: number): Promise<User> {
  const link = await stores.sessions.takeLink(digest(secret), now)
  const user = link === null ? null : await stores.directory.user(link.tenantId, link.uid)
  if (user === null) throw new AppError('login_failed', 'this link was used already, or has run out')
  if (user.disabled) throw new AppError('user_disabled', 'this person is disabled')
  return user
}
