import { channelAddresses, EmailSettings, type TenantId, type Uid } from '@countersign/contracts'
import type { Letter, Messenger } from '#server/channels/messenger.ts'
import { composeMail, type MailLinks } from './compose.ts'
import { examineEmail } from './doctor/examine.ts'
import { createMailServer } from './mail-server.ts'

/** What mail needs of the rest of the server: the addresses that stand in it. */
export interface EmailDeps {
  mailLinks: {
    /** Links that decide what a mail shows, for this person alone; null where they may not decide it by mail. */
    decisions(asked: DecisionRequest): Promise<MailLinks['decisions']>
    /** Where this person stops mails: shown at the foot, and posted to by mail programs. */
    signOff(person: { tenantId: TenantId; uid: Uid }): string
  }
}

export interface DecisionRequest {
  tenantId: TenantId
  uid: Uid
  ticketId: string
  node: number
  contentHash: string
  /** Stable over retries of the same mail. */
  deliveryKey: string
}

/** Where the administrator names no limit of the mail server. */
const usualPerMinute = 600
/** More than anybody reads: a burst of tickets becomes a mail every few seconds, with a list. */
const mailboxLimit = { points: 30, seconds: 60 }

/** E-mail over the tenant's own mail server. Throws ZodError on bad settings. */
export function createEmail(record: { tenantId: TenantId; settings: unknown }, { mailLinks }: EmailDeps): Messenger {
  const settings = EmailSettings.parse(record.settings)
  const { tenantId } = record
  const server = createMailServer(settings.smtpUrl)

  const linksOf = async (letter: Letter): Promise<MailLinks> => {
    const { content, to, idempotencyKey: deliveryKey } = letter
    // A code or a test goes to an address that may not be the person's yet: nothing in it may act for them.
    if (content.kind === 'code' || content.kind === 'test') return { decisions: null, signOff: null }
    const signOff = mailLinks.signOff({ tenantId, uid: to.uid })
    if (content.kind !== 'notice' || !settings.decisionLinks) return { decisions: null, signOff }
    const { ticketId, decision, approve } = content.item.ticket
    if (decision === 'none') return { decisions: null, signOff }
    const { node, contentHash } = approve
    const asked = { tenantId, uid: to.uid, ticketId, node, contentHash, deliveryKey }
    return { decisions: await mailLinks.decisions(asked), signOff }
  }

  return {
    tenantId,
    name: 'email',
    appId: 'email',
    format: 'html',
    limits: {
      app: [{ points: settings.messagesPerMinute ?? usualPerMinute, seconds: 60 }],
      receiver: [mailboxLimit],
      message: [],
    },
    canBundle: true,
    receiverOf: (address) => channelAddresses.email.parse(address).email.toLowerCase(),
    examine: (examination) => examineEmail({ settings }, examination),
    async send(letter) {
      const { email } = channelAddresses.email.parse(letter.address)
      const mail = composeMail(letter, { ...settings, to: email, links: await linksOf(letter) })
      return server.send(mail)
    },
  }
}
