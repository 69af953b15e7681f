import { Locale, type PersonBinding, type PersonDetail, type TenantId, type Uid } from '@countersign/contracts'
import type { BoundChannel } from '#server/db/people-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { countOnlyThem } from '#server/reroute/order.ts'
import { logsInByThemself } from './login-link.ts'
import { storedRoles } from './person-row.ts'

/** Where a binding leads to no account of the person's own. */
const withoutAccount: readonly string[] = ['dingtalkRobot', 'wecomRobot', 'email', 'sms', 'webhook']

/** A person, what is bound to them and what waits for them. `seesContact`: only administrators. Throws `not_found`. */
export async function personDetail(
  stores: Pick<
    Stores,
    'people' | 'tenants' | 'tickets' | 'secondFactors' | 'loginWays' | 'companyAccounts' | 'notificationSettings'
  >,
  tenantId: TenantId,
  uid: Uid,
  seesContact: boolean,
): Promise<PersonDetail> {
  const row = await stores.people.row(tenantId, uid)
  if (row === null) throw new AppError('not_found', 'there is no such person')
  const [bindings, channels, counts, onlyThem, byPlatform, { enrolled }, accounts] = await Promise.all([
    stores.people.bindings(tenantId, uid),
    stores.tenants.channels(tenantId),
    stores.tickets.counts(tenantId, uid),
    countOnlyThem(stores, tenantId, uid),
    logsInByThemself(stores, { tenantId, uid }),
    stores.secondFactors.standing({ tenantId, uid }),
    stores.companyAccounts.of(tenantId, uid),
  ])
  const enabled = new Set(channels.filter((channel) => channel.enabled).map(({ name }) => name))
  return {
    uid,
    name: row.name,
    roles: storedRoles(row),
    locale: row.locale === null ? null : Locale.parse(row.locale),
    timeZone: row.time_zone,
    disabled: row.disabled === 1,
    provisioned: row.provisioned === 1,
    secondFactor: seesContact ? enrolled : null,
    contact: seesContact ? { email: row.email, mobile: row.mobile, employeeId: row.employee_id } : null,
    bindings: bindings.map((bound) => viewBinding(bound, enabled.has(bound.channel), seesContact)),
    companyAccounts: accounts.map(({ issuer, createdAt }) => ({ issuer, boundAt: new Date(createdAt).toISOString() })),
    waiting: counts.pending,
    onlyThem,
    logsInByPlatform: byPlatform,
  }
}

function viewBinding(
  { channel, enabled, provisioned, address, account }: BoundChannel,
  channelEnabled: boolean,
  seesAddress: boolean,
): PersonBinding {
  const parts = Object.values(address).filter((part): part is string => typeof part === 'string')
  return {
    channel,
    enabled,
    channelEnabled,
    provisioned,
    account: withoutAccount.includes(channel) ? null : account,
    address: seesAddress && parts.length > 0 ? parts.join(' · ') : null,
  }
}
