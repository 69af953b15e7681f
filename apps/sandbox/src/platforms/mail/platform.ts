import type { AddressInfo, Server, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerAuthentication,
  type SMTPServerDataStream,
  type SMTPServerSession,
} from 'smtp-server'
import type { Core } from '#sandbox/core.ts'
import { type Fault, type MailFault, mailFaults } from '#sandbox/faults.ts'
import { freshId } from '#sandbox/ids.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { MailInbox } from './inbox.ts'
import { readMail } from './read.ts'
import type { SeedMail } from './seed.ts'
import type { MailSettings } from './settings.ts'

const DEFAULT_SLOW_MS = 2_000
const dataFaults = ['smtp-too-large', 'slow', 'dropped-answer', 'undelivered', 'hang'] as const
const recipientFaults = mailFaults.filter((kind) => kind !== 'smtp-too-large')

/** What a recipient or a message is refused with: the reply code, then the enhanced code (RFC 3463) and the words. */
const replies: Record<MailFault, { code: number; text: string }> = {
  'smtp-unavailable': { code: 421, text: '4.3.2 Service not available, closing transmission channel' },
  'smtp-deferred': { code: 451, text: '4.7.1 Greylisted, please try again later' },
  'smtp-no-such-user': { code: 550, text: '5.1.1 No such user here' },
  'smtp-too-large': { code: 552, text: '5.3.4 Message size exceeds fixed limit' },
}

/** A mail server as a company's own: AUTH, STARTTLS with a certificate of its own, a mailbox per address. */
export class MailPlatform {
  readonly inbox: MailInbox
  readonly settings: MailSettings
  readonly #core: Core
  readonly #users: SeedMail['users']
  readonly #mailboxes: Set<string>
  readonly #sockets = new Map<number, Socket>()
  #server: SMTPServer | undefined
  #certificate: Certificate | undefined

  constructor(core: Core, seed: SeedMail, settings: MailSettings) {
    this.#core = core
    this.settings = settings
    this.inbox = new MailInbox(core.changes)
    this.#users = seed.users
    const ofPeople = [...core.world.people.values()].flatMap(({ email }) => email ?? [])
    this.#mailboxes = new Set([...ofPeople, ...seed.mailboxes].map((address) => address.toLowerCase()))
  }

  get users(): SeedMail['users'] {
    return this.#users
  }

  /** PEM. @throws before the server listens. */
  get certificate(): string {
    if (this.#certificate === undefined) throw new Error('The mail server does not listen yet.')
    return this.#certificate.cert
  }

  get mailboxes(): string[] {
    return [...this.#mailboxes]
  }

  addMailbox(address: string): void {
    this.#mailboxes.add(address.toLowerCase())
  }

  /** Listens and resolves with the port; 0 takes any free one. */
  async listen(host: string, port: number): Promise<number> {
    this.#certificate = await makeCertificate()
    const server = new SMTPServer({
      name: 'mail.sandbox',
      banner: 'Countersign sandbox',
      ...this.#certificate,
      size: this.settings.maxBytes,
      authMethods: ['PLAIN', 'LOGIN'],
      authOptional: this.#users.length === 0,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      hideENHANCEDSTATUSCODES: true,
      closeTimeout: 1,
      logger: false,
      onConnect: (session, callback) => {
        if (this.settings.startTls === 'hide') session.disabledCommands = ['STARTTLS']
        callback()
      },
      onAuth: (auth, session, callback) => this.#onAuth(auth, session, callback),
      onMailFrom: (_address, session, callback) => this.#onMailFrom(session, callback),
      onRcptTo: (address, session, callback) => this.#onRcptTo(address, session, callback),
      onData: (stream, session, callback) =>
        void this.#onData(stream, session).then(
          (text) => callback(null, text),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        ),
    })
    // A client that breaks off is its own business; anything else would surface in its commands.
    server.on('error', () => undefined)
    const listening: Server = server.listen(port, host)
    listening.on('connection', (socket) => this.#remember(socket))
    await new Promise<void>((resolve, reject) => {
      listening.once('listening', resolve)
      listening.once('error', reject)
    })
    this.#server = server
    return (listening.address() as AddressInfo).port
  }

  clear(): void {
    this.inbox.clear()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy()
    const server = this.#server
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  #onAuth(
    { username, password }: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: (error: Error | null, response?: { user: string }) => void,
  ): void {
    const isKnown = this.#users.some((one) => one.user === username && one.password === password)
    if (isKnown && username !== undefined) {
      callback(null, { user: username })
      return
    }
    this.#record(session, 'AUTH', 535, '', '5.7.8 Authentication credentials invalid')
    callback(refusal(535, '5.7.8 Authentication credentials invalid'))
  }

  #onMailFrom(session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    if (this.settings.senders === 'none') {
      this.#record(session, 'MAIL', 550, '', '5.7.60 Client does not have permissions to send as this sender')
      callback(refusal(550, '5.7.60 Client does not have permissions to send as this sender'))
      return
    }
    if (this.settings.plainText === 'accept' || session.secure) {
      callback()
      return
    }
    this.#record(session, 'MAIL', 530, '', '5.7.0 Must issue a STARTTLS command first')
    callback(refusal(530, '5.7.0 Must issue a STARTTLS command first'))
  }

  #onRcptTo(
    { address }: SMTPServerAddress,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    const fault = this.#take([...recipientFaults, 'reset'] as const, address)
    if (fault?.kind === 'reset') {
      this.#drop(session, `RCPT ${address}`, fault.kind)
      return
    }
    const known = this.#mailboxes.has(address.toLowerCase()) || this.settings.unknownMailboxes === 'accept'
    const reply = fault === undefined ? (known ? undefined : replies['smtp-no-such-user']) : replies[fault.kind]
    if (reply === undefined) {
      callback()
      return
    }
    this.#record(session, `RCPT ${address}`, reply.code, '', reply.text, fault?.kind)
    callback(refusal(reply.code, reply.text))
  }

  /** Resolves with the words of the 250; rejects with the refusal; never settles when the connection is cut. */
  async #onData(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const raw = await buffer(stream)
    const recipients = session.envelope.rcptTo.map(({ address }) => address)
    const line = `DATA ${recipients.join(', ')}`
    const fault = this.#take(dataFaults, recipients.join(' '))
    if (stream.sizeExceeded || fault?.kind === 'smtp-too-large') {
      const { code, text } = replies['smtp-too-large']
      this.#record(session, line, code, raw.toString('utf8'), text, fault?.kind)
      throw refusal(code, text)
    }
    if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_SLOW_MS)
    const id = freshId('')
    if (fault?.kind === 'hang') this.#record(session, line, 0, raw.toString('utf8'), '', fault.kind)
    if (fault?.kind === 'hang') return new Promise<string>(() => undefined)
    if (fault?.kind !== 'undelivered') await this.#deliver(raw, session, recipients)
    if (fault?.kind === 'dropped-answer') {
      this.#drop(session, line, fault.kind, raw)
      return new Promise<string>(() => undefined)
    }
    const text = `2.0.0 OK queued as ${id}`
    this.#record(session, line, 250, raw.toString('utf8'), text, fault?.kind)
    return text
  }

  async #deliver(raw: Buffer, session: SMTPServerSession, recipients: readonly string[]): Promise<void> {
    const mail = await readMail(raw)
    for (const address of new Set(recipients.map((one) => one.toLowerCase()))) {
      this.#mailboxes.add(address)
      this.inbox.add({
        ...mail,
        id: freshId('mail'),
        mailbox: address,
        envelopeFrom: senderOf(session),
        bytes: raw.length,
        isEncrypted: session.secure,
        ...(typeof session.user === 'string' ? { user: session.user } : {}),
        receivedAt: this.#core.clock.now(),
      })
    }
  }

  #take<K extends Fault['kind']>(kinds: readonly K[], recipients: string): (Fault & { kind: K }) | undefined {
    return this.#core.faults.take(kinds, { platform: 'mail', method: 'SMTP', path: recipients })
  }

  /** Breaks the connection without a word. */
  #drop(session: SMTPServerSession, line: string, note: string, raw = Buffer.alloc(0)): void {
    this.#sockets.get(session.remotePort)?.destroy()
    this.#record(session, line, 0, raw.toString('utf8'), '', note)
  }

  #remember(socket: Socket): void {
    const { remotePort } = socket
    if (remotePort === undefined) return
    this.#sockets.set(remotePort, socket)
    socket.once('close', () => this.#sockets.delete(remotePort))
  }

  #record(session: SMTPServerSession, line: string, status: number, raw: string, text: string, note?: string): void {
    this.#core.wire.record({
      at: this.#core.clock.now(),
      direction: 'in',
      platform: 'mail',
      method: 'SMTP',
      path: line,
      status,
      ...(status === 0 ? {} : { code: status }),
      ms: 0,
      requestHeaders: {
        client: session.hostNameAppearsAs,
        from: senderOf(session),
        tls: session.secure ? 'yes' : 'no',
        ...(typeof session.user === 'string' ? { user: session.user } : {}),
      },
      requestBody: raw,
      responseHeaders: {},
      responseBody: text === '' ? '' : `${status} ${text}`,
      ...(note === undefined ? {} : { note }),
    })
  }
}

function senderOf({ envelope }: SMTPServerSession): string {
  return envelope.mailFrom === false ? '' : envelope.mailFrom.address
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
