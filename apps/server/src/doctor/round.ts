import type { Finding } from '#server/channels/finding.ts'

/** Told of every finding, those that were made before it came first. */
export type Watcher = (finding: Finding) => void

/** What became of a round. `isComplete` is false where it was given up. */
export interface Outcome {
  findings: Finding[]
  isComplete: boolean
}

/**
 * One look at a channel, for all who ask at the same time: its questions cost calls of the month. It is given up when the
 * last of them is gone.
 */
export class Round {
  readonly #findings: Finding[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #waiting = 0

  /** `look` gives findings until it is through, or throws the signal's reason. */
  constructor(look: (signal: AbortSignal) => AsyncIterable<Finding>) {
    this.#ended = this.#run(look)
    // Whoever waits hears of it; nobody need be there any more.
    this.#ended.catch(() => undefined)
  }

  get isGivenUp(): boolean {
    return this.#stop.signal.aborted
  }

  /** Resolves at the end, or at once when `signal` goes, with what was found until then. Throws what the look throws. */
  async watch(watcher: Watcher | undefined, signal: AbortSignal | undefined): Promise<Outcome> {
    const own: Watcher = (finding) => watcher?.(finding)
    for (const finding of this.#findings) own(finding)
    this.#watchers.add(own)
    this.#waiting += 1
    try {
      const isComplete = await this.#endOr(signal)
      return { findings: [...this.#findings], isComplete }
    } finally {
      this.#watchers.delete(own)
      this.#waiting -= 1
      if (this.#waiting === 0) this.#stop.abort()
    }
  }

  #endOr(signal: AbortSignal | undefined): Promise<boolean> {
    const ended = this.#ended.then(() => true)
    if (signal === undefined) return ended
    const { promise: gone, resolve } = Promise.withResolvers<boolean>()
    const leave = (): void => resolve(false)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    return Promise.race([ended, gone]).finally(() => signal.removeEventListener('abort', leave))
  }

  async #run(look: (signal: AbortSignal) => AsyncIterable<Finding>): Promise<void> {
    const { signal } = this.#stop
    try {
      for await (const finding of look(signal)) {
        if (signal.aborted) return
        this.#findings.push(finding)
        for (const watcher of this.#watchers) watcher(finding)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
