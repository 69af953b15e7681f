import { z } from 'zod'
import type { Core } from './core.ts'
import { groupMessageSchema } from './groups/snapshot.ts'
import { mailMessageSchema } from './platforms/mail/inbox.ts'
import { MailPlatform } from './platforms/mail/platform.ts'
import { createMailSandbox, type MailSandbox } from './platforms/mail/sandbox.ts'
import { documentedMailSettings, type MailSettings } from './platforms/mail/settings.ts'
import { OpenidPlatform } from './platforms/openid/platform.ts'
import { createOpenidSandbox, type OpenidSandbox } from './platforms/openid/sandbox.ts'
import { smsMessageSchema } from './platforms/sms/inbox.ts'
import { SmsPlatform } from './platforms/sms/platform.ts'
import { createSmsSandbox, type SmsSandbox } from './platforms/sms/sandbox.ts'
import { documentedSmsSettings, type SmsSettings } from './platforms/sms/settings.ts'
import { webhookCallSchema } from './platforms/webhook/calls.ts'
import { WebhookPlatform } from './platforms/webhook/platform.ts'
import { createWebhooksSandbox, type WebhooksSandbox } from './platforms/webhook/sandbox.ts'
import { documentedWecomSettings, WecomPlatform, type WecomSettings } from './platforms/wecom/platform.ts'
import { createWecomSandbox, type WecomSandbox } from './platforms/wecom/sandbox.ts'
import type { ParsedSeed } from './seed.ts'

/** What the server reaches beside the chat platforms: one-way channels that need no app. */
export interface Services {
  wecom: WecomPlatform
  sms: SmsPlatform
  mail: MailPlatform
  webhooks: WebhookPlatform
  openid: OpenidPlatform
}

/** Their limits and open questions, each with the documented value unless given. */
export interface ServiceSettings {
  wecom?: Partial<WecomSettings>
  sms?: Partial<SmsSettings>
  mail?: Partial<MailSettings>
}

/** The same as tests see them. */
export interface ServiceSandboxes {
  wecom: WecomSandbox
  sms: SmsSandbox
  mail: MailSandbox
  webhooks: WebhooksSandbox
  openid: OpenidSandbox
}

export const servicesSnapshotSchema = z.object({
  groups: z.array(groupMessageSchema),
  sms: z.array(smsMessageSchema),
  mail: z.array(mailMessageSchema),
  webhookCalls: z.array(webhookCallSchema),
})
export type ServicesSnapshot = z.infer<typeof servicesSnapshotSchema>

export function createServices(core: Core, seed: ParsedSeed, settings: ServiceSettings): Services {
  const services: Services = {
    wecom: new WecomPlatform(core, { ...documentedWecomSettings, ...settings.wecom }),
    sms: new SmsPlatform(core, seed.sms, { ...documentedSmsSettings, ...settings.sms }),
    mail: new MailPlatform(core, seed.mail, { ...documentedMailSettings, ...settings.mail }),
    webhooks: new WebhookPlatform(core),
    openid: new OpenidPlatform(core, seed.openid),
  }
  for (const robot of seed.wecomRobots) services.wecom.robots.add(robot)
  for (const receiver of seed.webhooks) services.webhooks.add(receiver)
  return services
}

export function createServiceSandboxes(
  core: Core,
  { wecom, sms, mail, webhooks, openid }: Services,
  url: string,
  smtp: { host: string; port: number },
): ServiceSandboxes {
  return {
    wecom: createWecomSandbox(core, wecom, url),
    sms: createSmsSandbox(sms, url),
    mail: createMailSandbox(mail, smtp),
    webhooks: createWebhooksSandbox(webhooks, url),
    openid: createOpenidSandbox(openid),
  }
}

/** Forgets everything that came in; robots, keys and receivers stay. */
export function clearServices({ wecom, sms, mail, webhooks }: Services): void {
  for (const service of [wecom, sms, mail, webhooks]) service.clear()
}

export function exportServices({ groups }: Core, { sms, mail, webhooks }: Services): ServicesSnapshot {
  return {
    groups: groups.export(),
    sms: sms.inbox.export(),
    mail: mail.inbox.export(),
    webhookCalls: webhooks.export(),
  }
}

export function restoreServices({ groups }: Core, { sms, mail, webhooks }: Services, snapshot: ServicesSnapshot): void {
  groups.restore(snapshot.groups)
  sms.inbox.restore(snapshot.sms)
  mail.inbox.restore(snapshot.mail)
  webhooks.restore(snapshot.webhookCalls)
}
