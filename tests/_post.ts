import type { ProvisioningFile } from '@countersign/contracts'
import { defaultServicesSeed, type MailMessage, type Sandbox } from '@countersign/sandbox'
import type { WorldOptions } from './_world.ts'

/* Worlds whose people are told by e-mail and text message: the sandbox's mail server and SMS service stand behind. */

const services = defaultServicesSeed({ dingtalk: [], wecom: [] })
export const smsAccount = { accessKeyId: 'LTAI5tSandboxSandboxSand', accessKeySecret: 'sandbox-sms-access-key-secret' }
export const mobiles = {
  alice: '+6591234567',
  carol: '+819012345678',
  dan: '+60123456789',
  mallory: '+966512345678',
  chen: '+8613800138000',
  li: '+8613900139000',
}

type Tenant = ProvisioningFile['tenants'][number]
type Email = NonNullable<Tenant['channels']['email']>

/** Everybody has a mailbox and is told there and nowhere else. */
export function byMail(settings: Partial<Email> = {}, more: (tenant: Tenant) => void = () => undefined): WorldOptions {
  return {
    seed: (seed) => ({ ...seed, mail: services.mail }),
    change: (file, sandbox) => {
      const tenant = onlyTenant(file)
      const { smtpUrl } = sandbox.mail
      tenant.channels.email = {
        enabled: true,
        smtpUrl,
        from: 'Countersign <approve@acme.test>',
        decisionLinks: true,
        ...settings,
      }
      for (const user of tenant.users) user.channels = { email: true }
      more(tenant)
    },
  }
}

/** Some have a number, and are told there and nowhere else. */
export function bySms(): WorldOptions {
  return {
    seed: (seed) => ({ ...seed, sms: services.sms }),
    change: (file, sandbox) => {
      const tenant = onlyTenant(file)
      tenant.channels.sms = {
        enabled: true,
        provider: 'aliyun',
        ...smsAccount,
        signName: '会签',
        codeTemplate: 'SMS_900000001',
        noticeTemplate: 'SMS_900000002',
        endpoint: sandbox.sms.endpoint,
        internationalEndpoint: sandbox.sms.endpoint,
      }
      for (const user of tenant.users) {
        const mobile = Object.entries(mobiles).find(([uid]) => uid === user.uid)?.[1]
        user.channels = mobile === undefined ? {} : { sms: true }
        if (mobile !== undefined) user.mobile = mobile
      }
    },
  }
}

export function onlyTenant({ tenants: [tenant] }: ProvisioningFile): Tenant {
  if (tenant === undefined) throw new Error('there is no tenant')
  return tenant
}

/** The newest mail in somebody's mailbox. */
export function lastMail(sandbox: Sandbox, uid: string): MailMessage {
  const mail = sandbox.mail.inbox(`${uid}@acme.test`).at(-1)
  if (mail === undefined) throw new Error(`${uid} has no mail`)
  return mail
}

/** Where the buttons of a mail lead: its links that decide, by what they do. */
export function decisionLinksIn({ text }: MailMessage): { approve: string; reject: string } {
  const [approve, reject] = text.match(/https?:\/\/\S+\/decision-links\/\S+/g) ?? []
  if (approve === undefined || reject === undefined) throw new Error(`no links that decide in: ${text}`)
  return { approve, reject }
}
