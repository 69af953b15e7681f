import type { ChannelName } from '@countersign/contracts'
import type { Delivered } from '#server/channels/channel.ts'
import type { Letter, Messenger } from '#server/channels/messenger.ts'
import type { Fault } from './_fake-channel.ts'

/** What somebody has received. */
export interface FakeLetter {
  /** The receiver, as `receiverOf` says. */
  at: string
  letter: Letter
}

/** A channel that only tells, in memory. Where it knows keys, a repeated message is taken once. */
export class FakeMessenger implements Messenger {
  readonly tenantId: string
  readonly name: ChannelName
  readonly appId: string
  readonly format = 'plain'
  readonly canBundle: boolean
  limits: Messenger['limits'] = { app: [], receiver: [], message: [] }
  /** What it says of addresses that people typed. */
  refuseAddress: (address: unknown) => string | null = () => null

  /** What arrived, each message once where keys are known. */
  readonly received: FakeLetter[] = []
  /** Every call, also refused ones. */
  readonly calls: FakeLetter[] = []
  /** One per call, first to last; no entry, no fault. */
  readonly faults: (Fault | null)[] = []
  /** Asked when `faults` is empty. */
  faultFor: (call: FakeLetter) => Fault | null = () => null
  readonly #knowsKeys: boolean
  readonly #keys = new Set<string>()

  constructor({
    tenantId = 'acme',
    name = 'wecomRobot',
    canBundle = true,
    knowsKeys = false,
  }: {
    tenantId?: string
    name?: ChannelName
    canBundle?: boolean
    knowsKeys?: boolean
  } = {}) {
    this.tenantId = tenantId
    this.name = name
    this.appId = `${tenantId}-${name}`
    this.canBundle = canBundle
    this.#knowsKeys = knowsKeys
  }

  receiverOf(address: unknown): string {
    return JSON.stringify(address)
  }

  async send(letter: Letter): Promise<Delivered> {
    const call = { at: this.receiverOf(letter.address), letter }
    this.calls.push(call)
    const fault = this.faults.shift() ?? this.faultFor(call)
    if (fault?.kind === 'refuse') throw fault.error
    if (fault?.kind === 'hang') await fault.until
    // An answer never comes in the same turn.
    await new Promise((resolve) => setImmediate(resolve))
    if (!this.#knowsKeys || !this.#keys.has(letter.idempotencyKey)) this.received.push(call)
    this.#keys.add(letter.idempotencyKey)
    if (fault?.kind === 'lose-answer') throw fault.error
    return { message: null, code: '0', text: 'ok' }
  }

  /** Titles of what arrived, oldest first. */
  get titles(): string[] {
    return this.received.map(({ letter }) => letter.words.title)
  }
}
