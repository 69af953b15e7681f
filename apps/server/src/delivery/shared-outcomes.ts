import type { Delivered } from '#server/channels/channel.ts'
import type { SharedDelivery, SharedOutcome } from '#server/db/stores.ts'
import type { Held } from './hold.ts'

type Ended = { kind: 'failed' | 'suppressed' | 'retry'; code: string; text: string }

/** What one attempt at a shared card has come to for each person, until it is reported. */
export class Outcomes {
  #noted: SharedOutcome[] = []

  /** They see this version now. */
  delivered(
    deliveries: readonly Pick<SharedDelivery, 'id'>[],
    state: 'sent' | 'updated',
    shownVersion: number,
    { message, code, text }: Delivered,
  ): void {
    for (const { id } of deliveries) {
      this.#noted.push({ id, kind: 'delivered', state, shownVersion, message, code, text })
    }
  }

  /** Nothing has reached them. */
  ended(deliveries: readonly Pick<SharedDelivery, 'id'>[], { kind, code, text }: Ended): void {
    for (const { id } of deliveries) this.#noted.push({ id, kind, code, text })
  }

  /** Not to be told before that time. */
  held(id: string, held: Held): void {
    this.#noted.push({ id, kind: 'held', ...held })
  }

  /** What is to be reported; after that there is nothing. */
  take(): SharedOutcome[] {
    const noted = this.#noted
    this.#noted = []
    return noted
  }
}
