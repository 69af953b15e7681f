import { type Endpoint, endpoints, type RouteName } from '@countersign/contracts'
import type { Response } from 'express'

/** An answer that comes line by line, each a JSON text of its own (NDJSON). */
export interface Lines {
  write(line: unknown): void
  end(): void
}

/**
 * Nothing is sent before the first line, so that a refusal can still be one. Each line is parsed by the contract, as a whole
 * answer is.
 */
export function answerInLines(res: Response, name: RouteName): Lines {
  const { line: schema }: Endpoint = endpoints[name]
  if (schema === undefined) throw new Error(`${name} does not answer in lines`)
  return {
    write(line) {
      if (res.destroyed) return
      if (!res.headersSent) {
        // Proxies that gather an answer before they pass it on would keep its lines from being seen one by one.
        res.writeHead(200, {
          'content-type': 'application/x-ndjson',
          'x-accel-buffering': 'no',
          'cache-control': 'no-store',
        })
      }
      res.write(`${JSON.stringify(schema.parse(line))}\n`)
    },
    end: () => void res.end(),
  }
}

/** Goes when the caller has hung up, or has got the answer. */
export function whileConnected(res: Response): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  return gone.signal
}
