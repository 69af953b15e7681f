import type { Log } from '#server/log.ts'
import type { CallbackRegistration, Channel } from './channel.ts'
import { ChannelError } from './channel-error.ts'
import type { LiveChannels } from './live-channels.ts'

/** How soon a channel that was switched on or changed is registered, and one that could not be is tried again. */
const refreshMs = 60_000

export interface RegistrationsDeps {
  channels: Pick<LiveChannels, 'all'>
  publicUrl: string
  log: Pick<Log, 'info' | 'warn'>
  /** Epoch milliseconds. */
  now: () => number
}

/**
 * What came of telling the platform, as far as this instance knows. `url`: the other address, where it is `taken`; `code`:
 * the platform's own, or a word of ours, where it `failed`. `at`: epoch milliseconds, null before the first try.
 */
export interface RegistrationState {
  state: CallbackRegistration['state'] | 'failed' | 'unknown'
  url: string | null
  code: string | null
  at: number | null
}

/** Tells each platform that is told by call where its callbacks go: at start, and whenever a channel changes. */
export interface Registrations extends AsyncDisposable {
  start(): void
  /** One look at all channels. Tries again what failed before. */
  refresh(): Promise<void>
  /** Tells the platform of one channel now, whatever came of it before. Throws ChannelError. */
  register(channel: Channel, options: { replace: boolean }): Promise<CallbackRegistration>
  stateOf(channel: Channel): RegistrationState
}

export function createRegistrations(deps: RegistrationsDeps): Registrations {
  return new LiveRegistrations(deps)
}

const notTried: RegistrationState = { state: 'unknown', url: null, code: null, at: null }

class LiveRegistrations implements Registrations {
  readonly #deps: RegistrationsDeps
  /** What came of a channel; one whose settings change becomes another object. */
  readonly #states = new WeakMap<Channel, RegistrationState>()
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
    await Promise.all(channels.map((channel) => this.#registerOnce(channel)))
  }

  async register(channel: Channel, options: { replace: boolean }): Promise<CallbackRegistration> {
    if (channel.registerCallback === undefined) throw new Error(`${channel.name} is not told where its callbacks go`)
    const { now, publicUrl } = this.#deps
    try {
      const found = await channel.registerCallback(publicUrl, options)
      const url = found.state === 'taken' ? found.url : null
      this.#states.set(channel, { state: found.state, url, code: null, at: now() })
      return found
    } catch (error) {
      this.#states.set(channel, { state: 'failed', url: null, code: codeOf(error), at: now() })
      throw error
    }
  }

  stateOf(channel: Channel): RegistrationState {
    return this.#states.get(channel) ?? notTried
  }

  async #registerOnce(channel: Channel): Promise<void> {
    const before = this.stateOf(channel)
    if (channel.registerCallback === undefined || !channel.takesActions || isSettled(before)) return
    const fields = { tenantId: channel.tenantId, channel: channel.name }
    try {
      const found = await this.register(channel, { replace: false })
      if (found.state === 'registered') this.#deps.log.info(fields, 'the platform knows where its callbacks go')
      else
        this.#deps.log.warn(
          { ...fields, takenBy: found.url },
          'the callback address of the app belongs to another host',
        )
    } catch (error) {
      // A fault of ours is said like the platform's, once, and tried again: cards still lead to the H5 app.
      const code = codeOf(error)
      if (before.code === code) return
      const more = { ...fields, platformCode: code, err: error }
      this.#deps.log.warn(more, 'the callback address could not be registered')
    }
  }
}

function isSettled({ state }: RegistrationState): boolean {
  return state === 'registered' || state === 'taken'
}

function codeOf(error: unknown): string {
  return error instanceof ChannelError ? error.code : 'internal'
}
