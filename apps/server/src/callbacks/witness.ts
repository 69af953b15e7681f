import type { Channel, Inbound } from '#server/channels/channel.ts'
import type { SeenApp, Sighting } from '#server/db/sighting-store.ts'
import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'

/** Gathered for so long and written together: a decision never waits for it, and nobody can make us write often. */
const writeAfterMs = 1_000

/** What came in: a kind of callback that was believed, or why one was not. */
export type Seen = Inbound['kind'] | `refused:${string}`

/** Remembers when each kind of thing last came in from each platform. */
export interface Witness extends AsyncDisposable {
  /** Returns at once; written down soon after. */
  saw(channel: Channel, way: Sighting['way'], kind: Seen): void
  /** Writes down now what was seen. Never throws: what cannot be written is kept. */
  flush(): Promise<void>
}

export interface WitnessDeps {
  store: Store
  log: Pick<Log, 'warn'>
  /** Epoch milliseconds. */
  now: () => number
}

export function createWitness(deps: WitnessDeps): Witness {
  return new BufferedWitness(deps)
}

type Noted = { app: SeenApp; sighting: Sighting }

class BufferedWitness implements Witness {
  readonly #deps: WitnessDeps
  #noted = new Map<string, Noted>()
  #timer: NodeJS.Timeout | undefined
  #lastFlush: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(deps: WitnessDeps) {
    this.#deps = deps
  }

  saw({ tenantId, name, appId }: Channel, way: Sighting['way'], kind: Seen): void {
    const key = JSON.stringify([tenantId, name, appId, way, kind])
    const app = { tenantId, channel: name, appId }
    this.#noted.set(key, { app, sighting: { way, kind, at: this.#deps.now() } })
    if (this.#isOver) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, writeAfterMs).unref()
  }

  flush(): Promise<void> {
    this.#lastFlush = this.#lastFlush.then(() => this.#write())
    return this.#lastFlush
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    if (this.#noted.size === 0) return
    const batch = this.#noted
    this.#noted = new Map()
    try {
      await this.#deps.store.run(async ({ sightings }) => {
        // In one order everywhere: two instances must not wait for each other's rows.
        for (const [, { app, sighting }] of [...batch].sort(([one], [other]) => (one < other ? -1 : 1))) {
          await sightings.note(app, sighting)
        }
      })
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'what came in from platforms could not be noted; trying again with the next')
      this.#noted = new Map([...batch, ...this.#noted])
    }
  }
}
