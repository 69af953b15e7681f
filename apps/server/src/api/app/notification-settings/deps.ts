import type { ChannelName, Locale, TenantId, Uid } from '@countersign/contracts'
import type { CountryCode } from 'libphonenumber-js/max'
import type { Fingerprint } from '#server/addresses/fingerprint.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { SessionRecord, Store } from '#server/db/stores.ts'
import type { RecipientDeps } from '#server/delivery/find-recipient.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import type { CodeSender } from '#server/verification/code-sender.ts'
import type { Codes } from '#server/verification/codes.ts'
import type { Throttles } from '#server/verification/throttles.ts'

export interface NotificationSettingsDeps {
  store: Store
  sessions: Sessions
  channels: Pick<LiveChannels, 'get'>
  messengers: { get(tenantId: string, name: string): Promise<Messenger | null> }
  texts: TextRenderer
  /** How platforms are asked whose account an address is, and told what to say. */
  calls: RecipientDeps
  codes: Codes
  codeSender: CodeSender
  throttles: Throttles
  fingerprint: Fingerprint
  sealer: Sealer
  /** Of the region. */
  locale: Locale
  timeZone: string
  /** Whose numbers may be written without country code. */
  country: CountryCode
  now: () => number
  newId: () => string
  /** Something may be due for delivery. */
  committed: () => void
}

/** Whose settings a request is about, and who asks. */
export interface Subject {
  tenantId: TenantId
  uid: Uid
  /** The one who is logged in: the person, or an administrator. */
  actor: Uid
  isSelf: boolean
  /** The session of the one who is logged in. */
  session: SessionRecord
  /** The network address that the request came from. */
  caller: string
}

export type ChannelSubject = Subject & { channel: ChannelName }
