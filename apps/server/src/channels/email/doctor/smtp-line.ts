import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecurely, type TLSSocket } from 'node:tls'
import type { SmtpPlace } from '../smtp-url.ts'

/*
 * A line to a mail server on which nothing is ever sent to anybody: the library that sends has no way to stop after the
 * sender, and the doctor wants each answer by itself.
 */

const answerWithinMs = 8_000
/** More than any server says at once. */
const mostBytes = 64 * 1024

export interface SmtpReply {
  code: number
  /** The server's words, with their code, one line after the other. */
  text: string
}

/** No answer: what the system, TLS, or the clock says about it (`ENOTFOUND`, `CERT_HAS_EXPIRED`, `ETIMEDOUT`). */
export class SmtpLineBroken extends Error {
  override name = 'SmtpLineBroken'
  readonly code: string

  constructor(code: string, cause?: unknown) {
    super(`no answer from the mail server (${code})`, { cause })
    this.code = code
  }
}

/** What was agreed on for the encryption. */
export interface Encryption {
  protocol: string
  /** Epoch milliseconds; null where the server shows no certificate. */
  validTo: number | null
  issuer: string
}

export class SmtpLine implements Disposable {
  readonly #place: SmtpPlace
  readonly #signal: AbortSignal
  #socket: Socket | TLSSocket | undefined
  #received = ''

  constructor(place: SmtpPlace, signal: AbortSignal) {
    this.#place = place
    this.#signal = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs * 4)])
  }

  /** Throws SmtpLineBroken. */
  async open(): Promise<void> {
    const { host, port, isSecure } = this.#place
    const socket = isSecure ? connectSecurely({ ...this.#tls(), host, port }) : connectPlain({ host, port })
    await this.#ready(socket, isSecure ? 'secureConnect' : 'connect')
  }

  /** After the server has agreed to STARTTLS. Throws SmtpLineBroken. */
  async encrypt(): Promise<void> {
    this.#received = ''
    const socket = connectSecurely({ ...this.#tls(), socket: this.#openSocket() })
    await this.#ready(socket, 'secureConnect')
  }

  get encryption(): Encryption | null {
    const socket = this.#socket
    if (socket === undefined || !('getPeerCertificate' in socket)) return null
    const { valid_to: validTo, issuer } = socket.getPeerCertificate()
    return {
      protocol: socket.getProtocol() ?? 'TLS',
      validTo: validTo === undefined ? null : Date.parse(validTo),
      issuer: String(issuer?.O ?? issuer?.CN ?? ''),
    }
  }

  /** The answer to a command, or the greeting without one. Throws SmtpLineBroken. */
  async ask(command?: string): Promise<SmtpReply> {
    const socket = this.#openSocket()
    if (command !== undefined) socket.write(`${command}\r\n`)
    return this.#within(async (fail) => {
      const { promise, resolve } = Promise.withResolvers<SmtpReply>()
      const read = (): void => {
        const reply = this.#takeReply()
        if (reply !== null) resolve(reply)
        else if (this.#received.length > mostBytes) fail('EPROTOCOL')
      }
      const hear = (chunk: Buffer): void => {
        this.#received += chunk.toString('utf8')
        read()
      }
      const end = (): void => fail('ECONNRESET')
      socket.on('data', hear).once('close', end)
      read()
      try {
        return await promise
      } finally {
        socket.off('data', hear).off('close', end)
      }
    })
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy()
  }

  #tls() {
    const { host, isTlsOptional } = this.#place
    // Server names are names: an address is verified as such.
    const servername = /^[\d.]+$|:/.test(host) ? '' : host
    return { servername, rejectUnauthorized: !isTlsOptional }
  }

  #openSocket(): Socket {
    if (this.#socket === undefined) throw new SmtpLineBroken('ENOTCONN')
    return this.#socket
  }

  async #ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
    this.#socket = socket
    // Whoever waits is told; one that breaks while nobody does is found broken by the next.
    socket.on('error', () => undefined)
    await this.#within(async (fail) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const end = (): void => fail('ECONNRESET')
      socket.once(event, resolve).once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'unknown', error))
      socket.once('close', end)
      await promise
      socket.off('close', end)
    })
  }

  /** Null until the last line of a reply is there (RFC 5321, 4.2.1): its code is followed by a space. */
  #takeReply(): SmtpReply | null {
    const [whole, code] = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\n/.exec(this.#received) ?? []
    if (whole === undefined || code === undefined) return null
    this.#received = this.#received.slice(whole.length)
    return { code: Number(code), text: whole.trim().replace(/\s*\r?\n/g, ' ') }
  }

  async #within<Result>(work: (fail: (code: string, cause?: unknown) => void) => Promise<Result>): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>()
    const fail = (code: string, cause?: unknown): void => reject(new SmtpLineBroken(code, cause))
    const give = (): void => fail('ETIMEDOUT')
    const timer = setTimeout(give, answerWithinMs)
    this.#signal.addEventListener('abort', give, { once: true })
    try {
      this.#signal.throwIfAborted()
      return await Promise.race([work(fail), promise])
    } finally {
      clearTimeout(timer)
      this.#signal.removeEventListener('abort', give)
    }
  }
}
