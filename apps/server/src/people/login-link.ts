import type { Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { issueOneTimeLink, oneTimeLinkMs } from '#server/session/one-time-link.ts'
import type { By } from './change.ts'

/** Platforms by which people log in: a robot of a group or a mailbox lets nobody in. */
const loginChannels: readonly string[] = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive']

/** Whether the person can log in by a platform that the tenant has switched on. */
export async function logsInByPlatform(
  stores: Pick<Stores, 'people' | 'tenants'>,
  person: { tenantId: string; uid: Uid },
): Promise<boolean> {
  const known = (await stores.people.bindings(person.tenantId, person.uid)).filter(
    ({ channel, account }) => account === 'known' && loginChannels.includes(channel),
  )
  if (known.length === 0) return false
  const enabled = (await stores.tenants.channels(person.tenantId)).filter((channel) => channel.enabled)
  return known.some(({ channel }) => enabled.some(({ name }) => name === channel))
}

/**
 * A link for somebody whom no platform knows yet. Whom one does is refused it: an administrator who could log in as an
 * approver could decide in their name. To be called inside a unit of work. Throws `not_found`, `user_disabled` and
 * `logs_in_by_platform`.
 */
export async function issueLoginLink(
  tx: Pick<Stores, 'people' | 'tenants' | 'sessions' | 'audit'>,
  { admin, at }: By,
  uid: Uid,
  publicUrl: string,
): Promise<{ link: string; expiresAt: number }> {
  const { tenantId } = admin
  const row = await tx.people.row(tenantId, uid)
  if (row === null) throw new AppError('not_found', 'there is no such person')
  if (row.disabled === 1) throw new AppError('user_disabled', 'this person is disabled')
  if (await logsInByPlatform(tx, { tenantId, uid })) {
    throw new AppError('logs_in_by_platform', 'this person can log in by a platform, and needs no link')
  }
  const link = await issueOneTimeLink(tx, { tenantId, uid }, { publicUrl, now: at })
  const entry = { tenantId, at, actor: admin.uid, action: 'user.login_link', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: {} })
  return { link, expiresAt: at + oneTimeLinkMs }
}
