import { ChannelError, type ChannelErrorKind } from '#server/channels/channel-error.ts'

/** What of an error of the SMTP client is read. */
export interface SmtpFailure {
  /** The client's own: `EAUTH`, `EENVELOPE`, `EMESSAGE`, `ECONNECTION`, `ESOCKET`, `ETIMEDOUT`, `ETLS`, `EDNS` … */
  code?: string
  /** Of the system or of TLS, where that was the cause. */
  originalCode?: string
  /** The server's reply code. */
  responseCode?: number
  /** The server's whole reply. */
  response?: string
  /** What was being asked of the server. */
  command?: string
  message?: string
}

/** Where the server wants quiet (421) and does not say for how long. */
const quietMs = 60_000

/** Not about this message, but about us: an administrator must act. */
const notLetIn: ReadonlySet<number> = new Set([530, 534, 535, 538])
const badCertificate = /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|TLS|SSL/

/**
 * What a failed send means for the delivery (RFC 5321, 4.2): 4yz passes, 5yz will not, and the stage tells whom it is
 * about. `wasHandedOver`: the whole message had been given to the connection, so that a missing answer leaves it open
 * whether the server took it.
 */
export function refusalOf(
  failure: SmtpFailure,
  { wasHandedOver, recipient }: { wasHandedOver: boolean; recipient: string },
): ChannelError {
  const { responseCode } = failure
  const words = (failure.response ?? failure.message ?? 'no answer')
    .replaceAll(recipient, 'the recipient')
    .slice(0, 300)
  if (responseCode !== undefined) {
    const kind = kindOfReply(responseCode, failure)
    const more = kind === 'rate_limited' ? { retryAfterMs: quietMs } : {}
    return new ChannelError(kind, String(responseCode), words, more)
  }
  switch (failure.code) {
    case 'EAUTH':
    case 'ENOAUTH':
    case 'EOAUTH2':
      return new ChannelError('auth', 'auth', 'the mail server does not let us in')
    case 'ETLS':
      return new ChannelError('auth', 'tls', 'no secure connection to the mail server could be made')
    case 'EENVELOPE':
      return new ChannelError('rejected', 'bad_address', 'an address of the mail is not one that can be sent to')
    case 'EMESSAGE':
      return new ChannelError('rejected', 'too_large', 'the mail is larger than the mail server takes')
    case 'ETIMEDOUT':
    case 'EABORT':
      return new ChannelError('retry', 'timeout', 'no answer from the mail server in time', {
        outcomeUnknown: wasHandedOver,
      })
    default:
      break
  }
  const reason = failure.originalCode ?? failure.code ?? 'unknown'
  if (!wasHandedOver && badCertificate.test(reason)) {
    return new ChannelError('auth', 'tls', `no secure connection to the mail server could be made (${reason})`)
  }
  return new ChannelError('retry', 'network', `the connection to the mail server failed (${reason})`, {
    outcomeUnknown: wasHandedOver,
  })
}

function kindOfReply(code: number, { code: clientCode, command = '' }: SmtpFailure): ChannelErrorKind {
  if (code === 421) return 'rate_limited'
  if (code < 500) return 'retry'
  if (notLetIn.has(code) || clientCode === 'EAUTH') return 'auth'
  // Of the recipient or the message; at any other stage it is the sender, or our host, that is not wanted.
  if (command === 'RCPT TO' || command === 'DATA' || command === '') return 'rejected'
  return 'auth'
}
