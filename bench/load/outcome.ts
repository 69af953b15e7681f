import { z } from 'zod'
import type { Answer } from './connection.ts'

/** What came back of a series of requests. Latencies in milliseconds, in order of completion. */
export const Outcome = z.object({
  tookMs: z.number(),
  /** Answers that are a success: status 200, and for taps the toast that says so. */
  successes: z.number(),
  /** Everything else, by what it was. */
  failures: z.record(z.string(), z.number()),
  latencies: z.array(z.number()),
})
export type Outcome = z.infer<typeof Outcome>

/** Text that an answer must hold to count as success; null: the status is enough. */
export type Expected = string | null

export class Tally {
  successes = 0
  readonly failures: Record<string, number> = {}
  readonly latencies: number[] = []
  readonly #expected: Expected
  #broken = 0

  constructor(expected: Expected) {
    this.#expected = expected
  }

  answered({ status, body }: Answer, latencyMs: number): void {
    this.latencies.push(latencyMs)
    if (status === 200 && (this.#expected === null || body.includes(this.#expected))) this.successes += 1
    else this.#failed(`${status} ${body.toString('utf8', 0, 120)}`)
  }

  broken(error: Error): void {
    this.#broken += 1
    this.#failed(error.message)
  }

  get count(): number {
    return this.latencies.length + this.#broken
  }

  get outcome(): Omit<Outcome, 'tookMs'> {
    const { successes, failures, latencies } = this
    return { successes, failures, latencies }
  }

  #failed(what: string): void {
    this.failures[what] = (this.failures[what] ?? 0) + 1
  }
}
