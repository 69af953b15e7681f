import type { EmailDeps } from '#server/channels/email/index.ts'
import type { NoteCall } from '#server/channels/noted-call.ts'
import { createEgress, type Egress } from '#server/net/egress.ts'
import type { MeteredApp } from '#server/quota/call-meter.ts'

/** What any messenger may need of the server. */
export interface MessengerDeps extends CallingDeps, EmailDeps {}

/** What those need that call an address which a person may have chosen. */
export interface CallingDeps {
  /** Epoch milliseconds. */
  now: () => number
  egress: OutgoingGuards
  /** Told of every call that its platform counts by the month. */
  meter?: (app: MeteredApp) => void
  /** Absent where nobody keeps what was sent, as on the command line. */
  noteCall?: NoteCall
}

/** The ways out for addresses that people may choose. */
export interface OutgoingGuards {
  /** Into private networks too: for addresses that are the operator's, or where the tenant allows it. */
  open: Egress
  publicOnly: Egress
}

export function createOutgoingGuards(): OutgoingGuards {
  return {
    open: createEgress({ allowPrivateNetworks: true }),
    publicOnly: createEgress({ allowPrivateNetworks: false }),
  }
}
