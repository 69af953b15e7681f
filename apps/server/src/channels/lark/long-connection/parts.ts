import { type Frame, headerOf } from './frame.ts'

/** A payload that is not complete by then never will be; the platform delivers events again. */
const keptMs = 10_000
const mostParts = 64
const mostBytes = 1_024 * 1_024

interface Gathering {
  parts: (Uint8Array | undefined)[]
  missing: number
  bytes: number
  since: number
}

/** Joins payloads that come in several frames. Bounded: a broken platform must not fill our memory. */
export class Parts {
  readonly #gathering = new Map<string, Gathering>()

  /** The whole payload once its last part is here, else null. */
  add(frame: Frame, now: number): Uint8Array | null {
    const payload = frame.payload ?? new Uint8Array()
    const sum = Number(headerOf(frame, 'sum') ?? 1)
    if (!(sum > 1)) return payload
    const id = headerOf(frame, 'message_id')
    const seq = Number(headerOf(frame, 'seq'))
    if (id === undefined || !Number.isInteger(seq) || seq < 0 || seq >= sum || sum > mostParts) return null
    this.#forgetOld(now)
    const known = this.#gathering.get(id)
    const whole = known ?? { parts: Array.from({ length: sum }), missing: sum, bytes: 0, since: now }
    if (known === undefined) this.#gathering.set(id, whole)
    if (whole.parts.length !== sum || whole.parts[seq] !== undefined) return null
    whole.parts[seq] = payload
    whole.missing -= 1
    whole.bytes += payload.length
    if (whole.bytes > mostBytes) this.#gathering.delete(id)
    if (whole.missing > 0 || whole.bytes > mostBytes) return null
    this.#gathering.delete(id)
    return Buffer.concat(whole.parts.map((part) => part ?? new Uint8Array()))
  }

  #forgetOld(now: number): void {
    for (const [id, { since }] of this.#gathering) if (now - since > keptMs) this.#gathering.delete(id)
    // The oldest goes when there are more than any platform sends at once.
    const [oldest] = this.#gathering.keys()
    if (this.#gathering.size >= mostParts && oldest !== undefined) this.#gathering.delete(oldest)
  }
}
