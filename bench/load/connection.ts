import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/*
 * One HTTP/1.1 connection that is kept open and has one request on it at a time. Only what our targets answer with is
 * understood: a client that did more would cost as much as the server it measures.
 */

export interface Answer {
  status: number
  body: Buffer
}

const headEnd = Buffer.from('\r\n\r\n')

export class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #onAnswer: ((answer: Answer) => void) | null = null
  #onFailure: ((error: Error) => void) | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** The target closes what it has not heard of for some seconds. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** Must not be called again before the answer is there. */
  send(request: Buffer, onAnswer: (answer: Answer) => void, onFailure: (error: Error) => void): void {
    this.#onAnswer = onAnswer
    this.#onFailure = onFailure
    if (this.isOpen) this.#socket.write(request)
    else this.#fail(new Error('the connection was closed before'))
  }

  close(): void {
    this.#onFailure = null
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headLength = this.#received.indexOf(headEnd)
    if (headLength === -1) return
    const head = this.#received.toString('latin1', 0, headLength)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Number.isNaN(length)) {
      this.#fail(new Error(`an answer without Content-Length:\n${head}`))
      return
    }
    const end = headLength + headEnd.length + length
    if (this.#received.length < end) return
    const body = this.#received.subarray(end - length, end)
    const onAnswer = this.#onAnswer
    this.#received = Buffer.alloc(0)
    this.#onAnswer = null
    this.#onFailure = null
    // "HTTP/1.1 200": the status stands at a fixed place.
    onAnswer?.({ status: Number(head.slice(9, 12)), body })
  }

  #fail(error: Error): void {
    const onFailure = this.#onFailure
    this.#onAnswer = null
    this.#onFailure = null
    onFailure?.(error)
  }
}
