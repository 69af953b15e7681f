import type { EmailSettings } from '@countersign/contracts'
import type { Examination, Finding } from '#server/channels/finding.ts'
import { envelopeAddress } from '../mail-server.ts'
import { readSmtpUrl, type SmtpPlace } from '../smtp-url.ts'
import { certificateFinding, encryptionId } from './certificate.ts'
import { emailPhrases as say } from './phrases.ts'
import { examineSenderDomain, type ResolveText, resolveText } from './sender-domain.ts'
import { SmtpLine, SmtpLineBroken, type SmtpReply } from './smtp-line.ts'

const loginStatus = 535
const textAtMost = 200

export interface EmailPatient {
  settings: EmailSettings
  /** Of the DNS; another in tests. Throws as `dns.resolveTxt`. */
  resolve?: ResolveText
}

/** Goes through all that comes before a message, and hangs up. Nothing is sent to anybody. Documents: README.md. */
export async function* examineEmail(
  { settings, resolve = resolveText }: EmailPatient,
  { now, signal }: Examination,
): AsyncGenerator<Finding> {
  const place = readSmtpUrl(new URL(settings.smtpUrl))
  const sender = envelopeAddress(settings.from)
  yield* examineServer(place, sender, { now, signal })
  signal.throwIfAborted()
  yield* await examineSenderDomain(sender, resolve)
}

async function* examineServer(
  place: SmtpPlace,
  sender: string,
  { now, signal }: Pick<Examination, 'now' | 'signal'>,
): AsyncGenerator<Finding> {
  using line = new SmtpLine(place, signal)
  const server = `${place.host}:${place.port}`
  let step: keyof typeof ids = 'reach'
  try {
    await line.open()
    if (place.isSecure) yield* encryptionFinding(line, now)
    const greeting = await line.ask()
    if (greeting.code !== 220) throw new Unwanted(greeting)
    yield { id: ids.reach, status: 'ok', evidence: say('reached', { server, text: wordsOf(greeting) }) }
    step = 'encrypt'
    const offered = await hello(line)
    if (!place.isSecure) yield* secure(line, place, offered, now)
    step = 'logIn'
    yield await logIn(line, place, await hello(line))
    step = 'sender'
    yield await senderFinding(line, sender)
    await line.ask('QUIT').catch(() => undefined)
  } catch (error) {
    if (error instanceof Stopped) {
      yield error.finding
      return
    }
    signal.throwIfAborted()
    yield brokenFinding(step, server, error)
  }
}

/** What each step is about. */
const ids = { reach: 'mail_server', encrypt: encryptionId, logIn: 'mail_log_in', sender: 'mail_sender' } as const

/** A reply that ends the dialogue. */
class Unwanted extends Error {
  readonly reply: SmtpReply

  constructor(reply: SmtpReply) {
    super(reply.text)
    this.reply = reply
  }
}

/** There is no use in going on: this is why. */
class Stopped extends Error {
  readonly finding: Finding

  constructor(finding: Finding) {
    super(finding.id)
    this.finding = finding
  }
}

function wordsOf({ text }: SmtpReply): string {
  return text.slice(0, textAtMost)
}

/** What the server offers (RFC 5321, 4.1.1.1). */
async function hello(line: SmtpLine): Promise<string> {
  const reply = await line.ask('EHLO countersign')
  if (reply.code !== 250) throw new Unwanted(reply)
  return reply.text.toUpperCase()
}

async function* secure(
  line: SmtpLine,
  { isTlsOptional }: SmtpPlace,
  offered: string,
  now: number,
): AsyncGenerator<Finding> {
  const id = ids.encrypt
  if (!/\bSTARTTLS\b/.test(offered)) {
    if (!isTlsOptional) {
      throw new Stopped({ id, status: 'failed', evidence: say('noStartTls'), fix: say('offerStartTls') })
    }
    yield { id, status: 'ok', evidence: say('plainText') }
    return
  }
  const reply = await line.ask('STARTTLS')
  if (reply.code !== 220) throw new Unwanted(reply)
  await line.encrypt()
  if (isTlsOptional)
    yield { id, status: 'ok', evidence: say('unverified', { protocol: line.encryption?.protocol ?? '' }) }
  else yield* encryptionFinding(line, now)
}

function* encryptionFinding({ encryption }: SmtpLine, now: number): Generator<Finding> {
  if (encryption !== null) yield certificateFinding(encryption, now)
}

async function logIn(line: SmtpLine, { auth }: SmtpPlace, offered: string): Promise<Finding> {
  const id = ids.logIn
  if (auth === null) return { id, status: 'ok', evidence: say('noLogIn') }
  const mechanisms = /\bAUTH[ =]([A-Z0-9 _-]*)/.exec(offered)?.[1] ?? ''
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  let reply: SmtpReply
  if (/\bPLAIN\b/.test(mechanisms)) reply = await line.ask(`AUTH PLAIN ${base64(`\0${auth.user}\0${auth.pass}`)}`)
  else if (/\bLOGIN\b/.test(mechanisms)) {
    await line.ask('AUTH LOGIN')
    await line.ask(base64(auth.user))
    reply = await line.ask(base64(auth.pass))
  } else {
    const evidence = say('otherLogIn', { mechanisms: mechanisms.trim().slice(0, textAtMost) || '–' })
    throw new Stopped({ id, status: 'unknown', evidence, fix: say('sendTestMail') })
  }
  if (reply.code === 235) return { id, status: 'ok', evidence: say('loggedIn', { text: wordsOf(reply) }) }
  const evidence = say('notLetIn', { text: wordsOf(reply) })
  const status = reply.code >= 500 ? 'failed' : 'unknown'
  throw new Stopped({ id, status, evidence, code: String(reply.code || loginStatus), fix: say('checkLogIn') })
}

/** The server is told who would write, and then that nothing comes of it. */
async function senderFinding(line: SmtpLine, sender: string): Promise<Finding> {
  const id = ids.sender
  const reply = await line.ask(`MAIL FROM:<${sender}>`)
  const words = { sender, text: wordsOf(reply) }
  if (reply.code !== 250) {
    const status = reply.code >= 500 ? 'failed' : 'unknown'
    return { id, status, evidence: say('senderRefused', words), code: String(reply.code), fix: say('allowSender') }
  }
  await line.ask('RSET')
  return { id, status: 'ok', evidence: say('senderTaken', words) }
}

function brokenFinding(step: keyof typeof ids, server: string, error: unknown): Finding {
  const id = ids[step]
  if (error instanceof Unwanted) {
    const { code } = error.reply
    const evidence = say('unwanted', { server, text: wordsOf(error.reply) })
    return { id, status: code >= 500 ? 'failed' : 'unknown', evidence, code: String(code), fix: say('checkServer') }
  }
  if (!(error instanceof SmtpLineBroken)) throw error
  const { code } = error
  if (isOfCertificate(code)) {
    const fix = say(code === 'CERT_HAS_EXPIRED' ? 'renewCertificate' : 'trustCertificate')
    return { id: ids.encrypt, status: 'failed', evidence: say('badCertificate', { server, code }), code, fix }
  }
  return { id, status: 'failed', evidence: say('noAnswer', { server, code }), code, fix: say('checkServer') }
}

function isOfCertificate(code: string): boolean {
  return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|^ERR_(TLS|SSL)|^EPROTO$/.test(code)
}
