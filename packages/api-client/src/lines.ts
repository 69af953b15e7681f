import type { BodyOf, LineOf } from '@countersign/contracts'
import { type LineRouteName, routes } from '@countersign/contracts/routes'
import { ApiError, errorFromAnswer } from './api-error.ts'
import { readResponse } from './fetch-transport.ts'
import { buildUrl, requestHeaders } from './transport.ts'

/** What such a call takes; whoever aborts the signal hangs up, and the server stops. */
export interface LinesInput<Name extends LineRouteName> {
  channel: string
  body: BodyOf<Name>
  signal: AbortSignal
}

/**
 * The lines of an answer that comes bit by bit, each as soon as it is there. Throws ApiError: a refusal before the first
 * line, `aborted`, or `network` where the answer breaks off.
 */
export async function* callInLines<Name extends LineRouteName>(
  name: Name,
  { channel, body, signal }: LinesInput<Name>,
): AsyncGenerator<LineOf<Name>> {
  const { method, path } = routes[name]
  const url = buildUrl(path, { channel }, undefined)
  try {
    const response = await fetch(url, {
      method,
      headers: requestHeaders({ method, url }),
      credentials: 'same-origin',
      body: JSON.stringify(body ?? {}),
      signal,
    })
    if (!response.ok || response.body === null) {
      const { status, body: problem } = await readResponse(response)
      throw errorFromAnswer(status, problem)
    }
    // The server has checked each line against the contract before it sent it.
    for await (const line of linesOf(response.body)) yield JSON.parse(line) as LineOf<Name>
  } catch (cause) {
    if (cause instanceof ApiError) throw cause
    throw new ApiError({ status: 0, code: signal.aborted ? 'aborted' : 'network', detail: '', cause })
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
