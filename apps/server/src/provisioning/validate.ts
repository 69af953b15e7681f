import { type ChannelName, channelNames, type ProvisionedTenant, type ProvisioningFile } from '@countersign/contracts'
import { appIdOf } from '#server/db/channel-settings.ts'
import { at, type FileProblem, repeated } from './file-problem.ts'
import { validateTemplate } from './validate-template.ts'

type Tenant = ProvisionedTenant

/** What a schema cannot see: names used twice, and names that lead nowhere. Every problem at once. */
export function validateReferences({ tenants }: ProvisioningFile): FileProblem[] {
  return [
    ...repeated(tenants, (tenant) => tenant.id).map((index) => at(`tenants.${index}.id`, 'is used by another tenant')),
    ...sharedApps(tenants),
    ...sharedApiKeys(tenants),
    ...tenants.flatMap((tenant, index) => validateTenant(tenant, `tenants.${index}`)),
  ]
}

function validateTenant(tenant: Tenant, path: string): FileProblem[] {
  return [
    ...validateUsers(tenant, `${path}.users`),
    ...sharedAddresses(tenant, `${path}.users`),
    ...repeated(tenant.apiKeys, (key) => key.name).map((index) =>
      at(`${path}.apiKeys.${index}.name`, 'is used by another API key'),
    ),
    ...validateTemplates(tenant, `${path}.approvalTemplates`),
    ...validateRules(tenant, `${path}.notificationRules`),
  ]
}

function validateUsers(tenant: Tenant, path: string): FileProblem[] {
  const problems = repeated(tenant.users, (user) => user.uid).map((index) =>
    at(`${path}.${index}.uid`, 'is used by another user'),
  )
  const active = new Set(tenant.users.filter((user) => !user.disabled).map((user) => user.uid))
  for (const [index, user] of tenant.users.entries()) {
    const own = `${path}.${index}`
    if (user.successors !== undefined && !user.disabled)
      problems.push(at(`${own}.successors`, 'belongs to a user who is disabled'))
    for (const [place, uid] of (user.successors ?? []).entries())
      if (!active.has(uid))
        problems.push(at(`${own}.successors.${place}`, 'must be a user of the tenant who is not disabled'))
    const { channels } = user
    if (user.timeZone !== undefined && !isTimeZone(user.timeZone))
      problems.push(at(`${own}.timeZone`, 'must be an IANA time zone, such as Asia/Singapore'))
    if (channels.email === true && user.email === undefined)
      problems.push(at(`${own}.channels.email`, 'needs the email of the user'))
    if (channels.sms === true && user.mobile === undefined)
      problems.push(at(`${own}.channels.sms`, 'needs the mobile of the user'))
    if (channels.dingtalk !== undefined && Object.keys(channels.dingtalk).length === 0)
      problems.push(at(`${own}.channels.dingtalk`, 'must give a mobile or a userId'))
    if (channels.dingtalkExclusive !== undefined && Object.keys(channels.dingtalkExclusive).length === 0)
      problems.push(at(`${own}.channels.dingtalkExclusive`, 'must give an employeeId or a userId'))
    if (channels.webhook?.signatureMethod === 'HMAC_SHA1' && channels.webhook.signatureKey === undefined)
      problems.push(at(`${own}.channels.webhook.signatureKey`, 'is required for HMAC_SHA1'))
  }
  return problems
}

/** Through these a person is found by address: one address of two people would make one account two people. */
const lookedUpChannels = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive'] as const

function sharedAddresses(tenant: Tenant, path: string): FileProblem[] {
  return lookedUpChannels.flatMap((channel) => {
    const takenBy = new Map<string, number>()
    return tenant.users.flatMap((user, index) =>
      Object.entries(user.channels[channel] ?? {}).flatMap(([part, value]: [string, string | undefined]) => {
        if (value === undefined) return []
        const address = `${part}:${value.toLowerCase()}`
        const first = takenBy.get(address)
        if (first === undefined) takenBy.set(address, index)
        if (first === undefined || first === index) return []
        return [at(`${path}.${index}.channels.${channel}.${part}`, `is also that of ${path}.${first}`)]
      }),
    )
  })
}

function validateTemplates(tenant: Tenant, path: string): FileProblem[] {
  const problems = repeated(tenant.approvalTemplates, (template) => template.id).map((index) =>
    at(`${path}.${index}.id`, 'is used by another template'),
  )
  const known = new Set(tenant.users.map((user) => user.uid))
  for (const [index, template] of tenant.approvalTemplates.entries())
    problems.push(...validateTemplate(template, (uid) => known.has(uid), `${path}.${index}.`))
  return problems
}

function validateRules(tenant: Tenant, path: string): FileProblem[] {
  const problems = repeated(tenant.notificationRules, (rule) => `${rule.module} ${rule.event}`).map((index) =>
    at(`${path}.${index}`, 'has the module and event of another rule'),
  )
  for (const [index, rule] of tenant.notificationRules.entries()) {
    problems.push(...unknownUsers(tenant, rule.additionalUsers, `${path}.${index}.additionalUsers`))
    for (const [place, channel] of (rule.channels ?? []).entries())
      if (tenant.channels[channel] === undefined)
        problems.push(at(`${path}.${index}.channels.${place}`, 'must be a channel of the tenant'))
  }
  return problems
}

function unknownUsers(tenant: Tenant, uids: readonly string[], path: string): FileProblem[] {
  const known = new Set(tenant.users.map((user) => user.uid))
  return uids.flatMap((uid, index) => (known.has(uid) ? [] : [at(`${path}.${index}`, 'must be a user of the tenant')]))
}

/** Callbacks name only the app, so an app belongs to one tenant. Both DingTalk editions are called at the same address. */
function sharedApps(tenants: readonly Tenant[]): FileProblem[] {
  const apps = tenants.flatMap((tenant, index) =>
    channelNames.flatMap((channel) => {
      const appId = appIdOf(channel, tenant.channels[channel] ?? {})
      const path = `tenants.${index}.channels.${channel}.${isDingTalk(channel) ? 'appKey' : 'appId'}`
      return appId === null ? [] : [{ path, app: `${isDingTalk(channel) ? 'dingtalk' : channel} ${appId}` }]
    }),
  )
  return repeated(apps, ({ app }) => app).map((index) => at(apps[index]?.path ?? '', 'is the app of another channel'))
}

function isDingTalk(channel: ChannelName): boolean {
  return channel === 'dingtalk' || channel === 'dingtalkExclusive'
}

function sharedApiKeys(tenants: readonly Tenant[]): FileProblem[] {
  const keys = tenants.flatMap((tenant, index) =>
    tenant.apiKeys.map(({ key }, place) => ({ key, path: `tenants.${index}.apiKeys.${place}.key` })),
  )
  return repeated(keys, ({ key }) => key).map((index) => at(keys[index]?.path ?? '', 'is used by another API key'))
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}
