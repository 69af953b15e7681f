import { createServer, type IncomingHttpHeaders } from 'node:http'

export interface Received {
  headers: IncomingHttpHeaders
  /** With its query. */
  path: string
  body: string
}

export interface Answer {
  status: number
  body?: string
  headers?: Record<string, string>
}

export interface Receiver extends AsyncDisposable {
  /** Without a path. */
  url: string
  received: Received[]
  /** Connections made, whether or not anything came over them. */
  readonly connections: number
  /** How the next calls are answered; `lost`: taken, and the connection is cut. Then again by `otherwise`. */
  answers: (Answer | 'lost')[]
}

/** A real HTTP server that keeps what it was told. */
export async function startReceiver(otherwise: (call: Received) => Answer): Promise<Receiver> {
  const received: Received[] = []
  const answers: (Answer | 'lost')[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const call = { headers: req.headers, path: req.url ?? '', body: Buffer.concat(chunks).toString() }
      received.push(call)
      const answer = answers.shift() ?? otherwise(call)
      if (answer === 'lost') return req.socket.destroy()
      return res.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    get connections() {
      return connections
    },
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
