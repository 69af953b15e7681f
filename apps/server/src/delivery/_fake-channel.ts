import type { ChannelName } from '@countersign/contracts'
import type { CallQuota, CardModel, Channel, Delivered, Outgoing, Saying } from '#server/channels/channel.ts'
import type { ChannelError } from '#server/channels/channel-error.ts'

export interface FakeMessage {
  id: string
  to: string
  /** What the person sees now. */
  card: CardModel
  key: string
}

export interface FakeCall {
  kind: 'resolve' | 'send' | 'update' | 'say' | 'create' | 'renew' | 'add' | 'tell' | 'buzz'
  /** Idempotency key of a send, id of an updated message. */
  about: string
  to: string
}

/** What the platform does with the next call: refuses, takes it and loses the answer, or keeps silent until told. */
export type Fault =
  | { kind: 'refuse'; error: ChannelError }
  | { kind: 'lose-answer'; error: ChannelError }
  | { kind: 'hang'; until: Promise<unknown> }

/**
 * A chat platform in memory, strict where it matters: it knows people by e-mail, takes a message with the same idempotency
 * key once, and updates only what it has.
 */
export class FakeChannel implements Channel {
  readonly tenantId: string
  readonly name: ChannelName
  readonly appId: string
  readonly takesActions = true
  readonly jsSdkUrl = null
  readonly origins = { frame: [], script: [] }
  callQuota?: CallQuota
  /** Told of what each call costs of the month's quota. */
  meter: (calls: number) => void = () => undefined
  limits: Channel['limits'] = { app: [], receiver: [], message: [] }

  readonly messages = new Map<string, FakeMessage>()
  readonly calls: FakeCall[] = []
  /** One per call to send or update, first to last; no entry, no fault. */
  readonly faults: (Fault | null)[] = []
  /** Asked for each call to send or update when `faults` is empty. */
  faultFor: (call: FakeCall) => Fault | null = () => null
  inFlight = 0
  mostInFlight = 0
  /** E-mail addresses that nobody on the platform has. */
  readonly strangers = new Set<string>()
  readonly #byKey = new Map<string, string>()
  /** What the bot said, each thing once. */
  readonly said: { to: string; text: string }[] = []

  constructor(tenantId = 'acme', name: ChannelName = 'lark') {
    this.tenantId = tenantId
    this.name = name
    this.appId = `${tenantId}-${name}`
  }

  async resolve(addresses: unknown[]): Promise<(string | null)[]> {
    return addresses.map((address) => {
      const email = emailIn(address)
      this.calls.push({ kind: 'resolve', about: email, to: email })
      return this.strangers.has(email) ? null : `ou_${email}`
    })
  }

  send(outgoing: Outgoing): Promise<Delivered> {
    const { platformUserId: to, card, idempotencyKey: key } = outgoing
    return this.called({ kind: 'send', about: key, to }, () => {
      const known = this.#byKey.get(key)
      if (known !== undefined) return known
      const id = `om_${this.name}_${this.messages.size + 1}`
      this.messages.set(id, { id, to, card, key })
      this.#byKey.set(key, id)
      return id
    })
  }

  update(message: unknown, outgoing: Outgoing): Promise<Delivered> {
    const id = idIn(message)
    return this.called({ kind: 'update', about: id, to: outgoing.platformUserId }, () => {
      const shown = this.messages.get(id)
      if (shown === undefined) throw new Error(`there is no message ${id}`)
      this.messages.set(id, { ...shown, card: outgoing.card })
      return id
    })
  }

  say({ platformUserId: to, text, idempotencyKey: key }: Saying): Promise<Delivered> {
    return this.called({ kind: 'say', about: key, to }, () => {
      const known = this.#byKey.get(key)
      if (known !== undefined) return known
      this.said.push({ to, text })
      this.#byKey.set(key, key)
      return key
    })
  }

  async buzz(message: unknown, to: string): Promise<{ code: string; text: string }> {
    const id = idIn(message)
    const { code, text } = await this.called({ kind: 'buzz', about: id, to }, () => {
      if (!this.messages.has(id)) throw new Error(`there is no message ${id}`)
      return id
    })
    return { code, text }
  }

  /** The cards a person has, oldest first. */
  cardsOf(uid: string): CardModel[] {
    return [...this.messages.values()].filter(({ to }) => to === `ou_${uid}@acme.test`).map(({ card }) => card)
  }

  callsOf(kind: FakeCall['kind']): FakeCall[] {
    return this.calls.filter((call) => call.kind === kind)
  }

  protected async called(call: FakeCall, take: () => string): Promise<Delivered> {
    this.calls.push(call)
    // Showing a card to more people, and bringing it up to date for the others, are two.
    this.meter(call.kind === 'add' ? 2 : 1)
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      const fault = this.faults.shift() ?? this.faultFor(call)
      if (fault?.kind === 'refuse') throw fault.error
      if (fault?.kind === 'hang') await fault.until
      // A platform's answer never comes in the same turn.
      await new Promise((resolve) => setImmediate(resolve))
      const id = take()
      if (fault?.kind === 'lose-answer') throw fault.error
      return { message: { id }, code: '0', text: 'ok' }
    } finally {
      this.inFlight -= 1
    }
  }

  receive(): never {
    throw new Error('nobody calls back in these tests')
  }

  answer(): unknown {
    return {}
  }

  acknowledge(): unknown {
    return {}
  }

  authorizeUrl(): never {
    throw new Error('nobody logs in in these tests')
  }

  exchange(): never {
    throw new Error('nobody logs in in these tests')
  }
}

function emailIn(address: unknown): string {
  if (typeof address === 'object' && address !== null && 'email' in address && typeof address.email === 'string') {
    return address.email
  }
  throw new Error('an address without e-mail')
}

function idIn(message: unknown): string {
  if (typeof message === 'object' && message !== null && 'id' in message && typeof message.id === 'string') {
    return message.id
  }
  throw new Error('not the address of a message of ours')
}
