import type { MailMessage } from './inbox.ts'
import type { MailPlatform } from './platform.ts'
import type { MailSettings } from './settings.ts'

/** What tests and the phones need of the mail server. */
export interface MailSandbox {
  readonly host: string
  readonly port: number
  /** Address with the first user's name and password; STARTTLS is offered, not demanded. */
  readonly smtpUrl: string
  /** PEM of the certificate that STARTTLS shows: trust it to verify this server. */
  readonly certificate: string
  /** May be changed at any time; the size limit is announced when the server starts. */
  readonly settings: MailSettings
  readonly mailboxes: readonly string[]
  /** The mails of one address, oldest first. */
  inbox(address: string): MailMessage[]
  addMailbox(address: string): void
}

export function createMailSandbox(platform: MailPlatform, address: { host: string; port: number }): MailSandbox {
  const [user] = platform.users
  const login = user === undefined ? '' : `${encodeURIComponent(user.user)}:${encodeURIComponent(user.password)}@`
  return {
    ...address,
    smtpUrl: `smtp://${login}${address.host}:${address.port}`,
    settings: platform.settings,
    get certificate() {
      return platform.certificate
    },
    get mailboxes() {
      return platform.mailboxes
    },
    inbox: (mailbox) => platform.inbox.of(mailbox),
    addMailbox: (mailbox) => platform.addMailbox(mailbox),
  }
}
