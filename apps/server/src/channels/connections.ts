import type { Log } from '#server/log.ts'
import type { Channel, Connection, ConnectionState, Inbound } from './channel.ts'
import { CallbackRefused } from './channel.ts'
import type { LiveChannels } from './live-channels.ts'

/** How soon a channel that was switched on, off or changed is connected anew. */
const refreshMs = 5_000

type Received = Exclude<Inbound, { kind: 'handshake' }>

export interface ConnectionsDeps {
  channels: Pick<LiveChannels, 'connecting'>
  /** Handles what came in, as from a callback; the answer's body. Throws when it could not. */
  receive: (channel: Channel, inbound: Received) => Promise<unknown>
  log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** Keeps a connection for every channel that wants one, on every instance; the platform chooses one for each event. */
export interface Connections extends AsyncDisposable {
  /** Connects, and from then on looks regularly whether the channels have changed. */
  start(): void
  /** Looks now. */
  refresh(): void
  /** Null when the channel is called by its platform, or is not connected here. */
  stateOf(channel: Channel): ConnectionState | null
  /** How many connections there are, by channel and state. */
  count(): { channel: string; status: ConnectionState['status']; count: number }[]
}

export function createConnections(deps: ConnectionsDeps): Connections {
  return new LiveConnections(deps)
}

class LiveConnections implements Connections {
  readonly #deps: ConnectionsDeps
  /** A channel whose settings change becomes another object. */
  readonly #connections = new Map<Channel, Connection>()
  readonly #closing = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #refreshing: Promise<void> | null = null
  #isOver = false

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps
  }

  start(): void {
    this.refresh()
    this.#timer = setInterval(() => this.refresh(), refreshMs).unref()
  }

  stateOf(channel: Channel): ConnectionState | null {
    return this.#connections.get(channel)?.state ?? null
  }

  count(): { channel: string; status: ConnectionState['status']; count: number }[] {
    const open = [...this.#connections].map(([{ name }, { state }]) => ({ channel: name, status: state.status }))
    return [...Map.groupBy(open, ({ channel, status }) => `${channel} ${status}`).values()].flatMap((group) =>
      group.slice(0, 1).map((each) => ({ ...each, count: group.length })),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearInterval(this.#timer)
    await this.#refreshing
    for (const channel of [...this.#connections.keys()]) this.#close(channel)
    await Promise.all(this.#closing)
  }

  refresh(): void {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = null
    })
  }

  async #refreshNow(): Promise<void> {
    let wanted: Set<Channel>
    try {
      wanted = new Set(await this.#deps.channels.connecting())
    } catch (error) {
      // What is connected stays so; whether it should be is asked again soon.
      this.#deps.log.warn({ err: error }, 'the channels cannot be read; their connections stay as they are')
      return
    }
    if (this.#isOver) return
    for (const channel of wanted) if (!this.#connections.has(channel)) this.#open(channel)
    for (const channel of [...this.#connections.keys()]) if (!wanted.has(channel)) this.#close(channel)
  }

  #open(channel: Channel): void {
    const { tenantId, name } = channel
    const connection = channel.connect?.({
      receive: (inbound) => this.#deps.receive(channel, inbound),
      changed: ({ status, reason }) => {
        const fields = { tenantId, channel: name, status, reason }
        if (status === 'down' && !this.#isOver) this.#deps.log.warn(fields, 'a connection to a platform is down')
        if (status === 'open') this.#deps.log.info(fields, 'a connection to a platform is open')
      },
      failed: (error) => {
        const fields = { tenantId, channel: name }
        if (error instanceof CallbackRefused) {
          this.#deps.log.warn({ ...fields, outcome: error.code }, 'what came over a connection was refused')
        } else this.#deps.log.error({ ...fields, err: error }, 'what came over a connection could not be handled')
      },
    })
    if (connection !== undefined) this.#connections.set(channel, connection)
  }

  #close(channel: Channel): void {
    const connection = this.#connections.get(channel)
    this.#connections.delete(channel)
    if (connection === undefined) return
    const closed = Promise.resolve(connection[Symbol.asyncDispose]()).finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}
