import type { ChannelName, Uid } from '@countersign/contracts'
import { plainOidc } from '#server/db/login-way-settings.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { isEmailWanted, isSameIssuer } from '#server/login-ways/settings.ts'
import { issueOneTimeLink, oneTimeLinkMs } from '#server/session/one-time-link.ts'
import type { By } from './change.ts'

/** Platforms by which people log in: a robot of a group or a mailbox lets nobody in. */
export const loginChannels: readonly ChannelName[] = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive']

/** What tells how people log in. */
type Doors = Pick<Stores, 'people' | 'tenants' | 'loginWays' | 'companyAccounts' | 'notificationSettings'>

/** Whether the person can log in by themself: by a platform that the tenant has switched on, or another way that is open. */
export async function logsInByThemself(stores: Doors, person: { tenantId: string; uid: Uid }): Promise<boolean> {
  return (await logsInByPlatform(stores, person)) || logsInOtherwise(stores, person)
}

/** By a code in an e-mail, or by a company account that they have logged in by before. */
async function logsInOtherwise(stores: Doors, { tenantId, uid }: { tenantId: string; uid: Uid }): Promise<boolean> {
  const ways = await stores.loginWays.rows(tenantId)
  const oidc = ways.find(({ way, enabled }) => way === 'oidc' && enabled === 1)
  if (oidc !== undefined) {
    const { issuer } = plainOidc(oidc)
    const accounts = await stores.companyAccounts.of(tenantId, uid)
    if (accounts.some((account) => isSameIssuer(account.issuer, issuer))) return true
  }
  if (!isEmailWanted(ways.find(({ way }) => way === 'email'))) return false
  if (!(await stores.notificationSettings.enabledChannels(tenantId)).has('email')) return false
  return stores.loginWays.hasOwnEmail(tenantId, uid)
}

async function logsInByPlatform(
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
 * A link for somebody who cannot log in otherwise. Who can is refused it: an administrator who could log in as an
 * approver could decide in their name. To be called inside a unit of work. Throws `not_found`, `user_disabled` and
 * `logs_in_by_platform`.
 */
export async function issueLoginLink(
  tx: Doors & Pick<Stores, 'sessions' | 'audit'>,
  { admin, at }: By,
  uid: Uid,
  publicUrl: string,
): Promise<{ link: string; expiresAt: number }> {
  const { tenantId } = admin
  const row = await tx.people.row(tenantId, uid)
  if (row === null) throw new AppError('not_found', 'there is no such person')
  if (row.disabled === 1) throw new AppError('user_disabled', 'this person is disabled')
  if (await logsInByThemself(tx, { tenantId, uid })) {
    throw new AppError('logs_in_by_platform', 'this person can log in by themself, and needs no link')
  }
  const link = await issueOneTimeLink(tx, { tenantId, uid }, { publicUrl, now: at })
  const entry = { tenantId, at, actor: admin.uid, action: 'user.login_link', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: {} })
  return { link, expiresAt: at + oneTimeLinkMs }
}
