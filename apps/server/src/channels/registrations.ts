import type { Log } from '#server/log.ts'
import type { Channel } from './channel.ts'
import { ChannelError } from './channel-error.ts'
import type { LiveChannels } from './live-channels.ts'

/** How soon a channel that was switched on or changed is registered, and one that could not be is tried again. */
const refreshMs = 60_000

export interface RegistrationsDeps {
  channels: Pick<LiveChannels, 'all'>
  publicUrl: string
  log: Pick<Log, 'info' | 'warn'>
}

/** Tells each platform that is told by call where its callbacks go: at start, and whenever a channel changes. */
export interface Registrations extends AsyncDisposable {
  start(): void
  /** One look at all channels. Tries again what failed before. */
  refresh(): Promise<void>
}

export function createRegistrations(deps: RegistrationsDeps): Registrations {
  return new LiveRegistrations(deps)
}

class LiveRegistrations implements Registrations {
  readonly #deps: RegistrationsDeps
  /** What came of a channel; one whose settings change becomes another object. */
  readonly #settled = new WeakSet<Channel>()
  /** The last problem of each, said once. */
  readonly #said = new WeakMap<Channel, string>()
  #timer: NodeJS.Timeout | undefined
  #refreshing: Promise<void> | null = null

  constructor(deps: RegistrationsDeps) {
    this.#deps = deps
  }

  start(): void {
    void this.refresh()
    this.#timer = setInterval(() => void this.refresh(), refreshMs).unref()
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#refreshing
  }

  async #refreshNow(): Promise<void> {
    let channels: Channel[]
    try {
      channels = await this.#deps.channels.all()
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the channels cannot be read; callback addresses are registered later')
      return
    }
    await Promise.all(channels.map((channel) => this.#register(channel)))
  }

  async #register(channel: Channel): Promise<void> {
    if (channel.registerCallback === undefined || !channel.takesActions || this.#settled.has(channel)) return
    const fields = { tenantId: channel.tenantId, channel: channel.name }
    try {
      const found = await channel.registerCallback(this.#deps.publicUrl, { replace: false })
      this.#settled.add(channel)
      if (found.state === 'registered') this.#deps.log.info(fields, 'the platform knows where its callbacks go')
      else
        this.#deps.log.warn(
          { ...fields, takenBy: found.url },
          'the callback address of the app belongs to another host',
        )
    } catch (error) {
      // A fault of ours is said like the platform's, and tried again: cards still lead to the H5 app.
      const code = error instanceof ChannelError ? error.code : 'internal'
      if (this.#said.get(channel) !== code) {
        this.#deps.log.warn(
          { ...fields, platformCode: code, err: error },
          'the callback address could not be registered',
        )
      }
      this.#said.set(channel, code)
    }
  }
}
