import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type ParsedMail, simpleParser } from 'mailparser'
import { generate } from 'selfsigned'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** At which step the server says something else than yes. */
export type Step = 'MAIL FROM' | 'RCPT TO' | 'DATA'

/** A real mail server on this machine, with its inbox. */
export interface TestSmtp extends AsyncDisposable {
  readonly host: string
  /** Raw, as they came in. */
  readonly inbox: { raw: string; isEncrypted: boolean; user: string | null }[]
  url(options?: { user?: string; query?: string }): string
  refuse(step: Step, code: number, text: string): void
  /** Takes everything again. */
  accept(): void
  /** Breaks a connection without a word, by the client's port. */
  hangUp(remotePort: number): void
  parsed(): Promise<ParsedMail[]>
}

/** A certificate for localhost that this process trusts from now on. */
export async function trustedCertificate(): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  })
  setDefaultCACertificates([...getCACertificates('default'), made.cert])
  return { key: made.private, cert: made.cert }
}

export async function startSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const inbox: TestSmtp['inbox'] = []
  const refusals = new Map<Step, Error>()
  const step =
    (name: Step) =>
    (done: (error?: Error | null) => void): void =>
      done(refusals.get(name))
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: [],
    disableReverseLookup: true,
    closeTimeout: 10,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('Invalid username or password')),
    onMailFrom: (_address, _session, done) => step('MAIL FROM')(done),
    onRcptTo: (_address, _session, done) => step('RCPT TO')(done),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        const refusal = refusals.get('DATA')
        const raw = Buffer.concat(chunks).toString('utf8')
        if (refusal === undefined)
          inbox.push({ raw, isEncrypted: session.secure, user: String(session.user ?? '') || null })
        done(refusal)
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  const sockets = new Map<number, Socket>()
  server.server.on('connection', (socket: Socket) => {
    if (socket.remotePort !== undefined) sockets.set(socket.remotePort, socket)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    host: `localhost:${port}`,
    inbox,
    url: ({ user = '', query = '' } = {}) =>
      `${options.secure === true ? 'smtps' : 'smtp'}://${user === '' ? '' : `${user}@`}localhost:${port}${query}`,
    accept: () => refusals.clear(),
    hangUp: (remotePort) => void sockets.get(remotePort)?.destroy(),
    refuse: (name, code, text) => void refusals.set(name, Object.assign(new Error(text), { responseCode: code })),
    parsed: () => Promise.all(inbox.map(({ raw }) => simpleParser(raw))),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A server that speaks as it is told: by line of the client, what is answered, or null to hang up. */
export async function startScript(answer: (line: string, inData: boolean) => string | null | undefined): Promise<{
  url: string
  lines: string[]
  [Symbol.asyncDispose](): Promise<void>
}> {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write('220 test ESMTP\r\n')
    let inData = false
    let rest = ''
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        lines.push(line)
        if (inData && line !== '.') {
          if (answer(line, true) === null) socket.destroy()
          continue
        }
        inData = false
        const reply = answer(line, false)
        if (reply === null) socket.destroy()
        else if (reply !== undefined) socket.write(`${reply}\r\n`)
        if (reply?.startsWith('354') === true) inData = true
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?tls=optional`,
    lines,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
