import type { Readable } from 'node:stream'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Delivered } from '#server/channels/channel.ts'
import { refusalOf, type SmtpFailure } from './errors.ts'
import { readSmtpUrl } from './smtp-url.ts'

/** One message to one mailbox. */
export interface Mail extends SendMailOptions {
  to: { name: string; address: string }
  from: string
  /** With its angle brackets. */
  messageId: string
}

export interface MailServer {
  /** Throws ChannelError. */
  send(mail: Mail): Promise<Delivered>
}

/*
 * All together stays below the time that a delivery has for its call, so that what is known of a failure (above all,
 * whether the message had been handed over) is not lost to a time-out around it.
 */
const connectWithinMs = 8_000
const answerWithinMs = 15_000
const allWithinMs = 18_000
/** Few, since a tenant has one mail server; open for a burst and no longer: an open connection keeps a host from stopping. */
const connections = 4
const idleMs = 3_000

/** Opens connections as they are needed. `url`: `smtp://` or `smtps://`, as the contracts take it. */
export function createMailServer(url: string): MailServer {
  const transport = createTransport({ ...optionsOf(new URL(url)), pool: true })
  /** What each connection reads its message from, from the moment on that the server wants to have it. */
  const sources = new Map<string, Readable>()
  transport.use('stream', ({ message, data }, done) => {
    const createReadStream = message.createReadStream.bind(message)
    message.createReadStream = (options) => {
      const source = createReadStream(options)
      if (data.messageId !== undefined) sources.set(data.messageId, source)
      return source
    }
    done()
  })
  return {
    async send(mail) {
      const envelope = { from: envelopeAddress(mail.from), to: mail.to.address }
      const signal = AbortSignal.timeout(allWithinMs)
      try {
        const options = { ...mail, envelope, signal, disableFileAccess: true, disableUrlAccess: true }
        const { response } = await transport.sendMail(options)
        return { message: null, code: codeOf(response), text: textOf(response, mail) }
      } catch (error) {
        const wasHandedOver = sources.get(mail.messageId)?.readableEnded === true
        throw refusalOf(error as SmtpFailure, { wasHandedOver, recipient: mail.to.address })
      } finally {
        sources.delete(mail.messageId)
      }
    },
  }
}

function optionsOf(url: URL) {
  const { host, port, isSecure, isTlsOptional, auth } = readSmtpUrl(url)
  return {
    host,
    port,
    secure: isSecure,
    requireTLS: !isSecure && !isTlsOptional,
    // Where plain text would do, an encrypted connection to whoever answers is no worse.
    ...(isTlsOptional ? { tls: { rejectUnauthorized: false } } : {}),
    ...(auth === null ? {} : { auth }),
    maxConnections: connections,
    maxMessages: 100,
    idleTimeout: idleMs,
    // Only where not a byte of the message was taken: a connection that was kept may have ended, a fresh one tells why.
    maxRequeues: connections,
    connectionTimeout: connectWithinMs,
    greetingTimeout: connectWithinMs,
    dnsTimeout: connectWithinMs,
    socketTimeout: answerWithinMs,
    socketCloseTimeout: 0,
  }
}

/** `a@b` of `Name <a@b>`. */
export function envelopeAddress(mailbox: string): string {
  return /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim()
}

function codeOf(response: string): string {
  return /^\d{3}/.exec(response)?.[0] ?? 'ok'
}

function textOf(response: string, { to }: Mail): string {
  return response.replaceAll(to.address, 'the recipient').slice(0, 300)
}
