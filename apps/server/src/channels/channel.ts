import type {
  ChannelName,
  DecisionAction,
  Locale,
  NodeRule,
  NodeStatus,
  NoticeEvent,
  Reach,
  RefusalReason,
  Risk,
  SavingStep,
  TenantId,
  TicketStatus,
  Uid,
} from '@countersign/contracts'
import type { ChannelDirectory } from './channel-directory.ts'
import type { ChannelError } from './channel-error.ts'
import type { Examinable } from './finding.ts'

/*
 * The port between Countersign and a chat platform. A channel knows its platform and what it is asked to show; it knows
 * no ticket rules, no database and no other channel. One instance serves one tenant's app.
 */

/** What a card's button says back when it is tapped: public ids and our own proof. Small, since it travels in the card. */
export interface ButtonValue {
  ticketId: string
  node: number
  action: DecisionAction
  contentHash: string
  /** HMAC over the above; see cards/proof.ts. */
  proof: string
}

/**
 * How the card lets the person decide: `tap` at once, `confirm` after a confirmation saying what will happen, `review`
 * only in the H5 app, `none` not (closed, decided already, not their turn, or a notice about the outcome).
 */
export type CardDecision = 'tap' | 'confirm' | 'review' | 'none'

/** A ticket as a card for one person, in no platform's words. Times are epoch milliseconds. */
export interface CardModel {
  /** Why the person gets it. A card about an outcome has no buttons. */
  event: NoticeEvent
  locale: Locale
  timeZone: string
  ticketId: string
  number: number
  title: string
  module: string
  risk: Risk
  status: TicketStatus
  submitter: string
  createdAt: number
  dueAt: number | null
  description: string
  fields: { label: string; value: string }[]
  code: { language: string; title: string; text: string }[]
  attachments: number
  executesOnApproval: boolean
  nodes: {
    name: string
    rule: NodeRule
    status: NodeStatus
    approvers: { name: string; decision: DecisionAction | null }[]
  }[]
  /** Who closed it, or null while it is pending (and for a withdrawn one, who withdrew it). */
  outcome: { by: string; at: number; comment: string | null } | null
  /** This person's own decision on it. */
  mine: DecisionAction | null
  decision: CardDecision
  /** The same was sent to this person once more, and is decided there: this card says so. */
  isReplaced?: boolean
  approve: ButtonValue
  reject: ButtonValue
  /** The ticket in the H5 app. */
  link: string
}

/** Where a person can be found on the platform; shape by channel, for Lark and Feishu `{ email?, mobile? }`. */
export type Address = unknown

export interface Outgoing {
  /** The platform's id of the person. */
  platformUserId: string
  card: CardModel
  /** Stable over retries of the same message, so that the platform sends it once; at most 50 characters. */
  idempotencyKey: string
}

/** Words for one person, in their own chat with the bot. */
export interface Saying {
  /** The platform's id of the person. */
  platformUserId: string
  /** Plain text with line ends; whatever in it the platform would take for markup or a mention stays text. */
  text: string
  /** As in `Outgoing`. */
  idempotencyKey: string
}

/** A message the platform took. `message` is its address for later updates, kept as JSON. */
export interface Delivered {
  message: unknown
  /** The platform's own code, verbatim. */
  code: string
  text: string
}

export interface PlatformUser {
  platformUserId: string
  /** The organisation on the platform, where it says. */
  organisation: string | null
  name: string
}

/** A request as it came in, before anything in it is believed. */
export interface RawCallback {
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
  /** Epoch milliseconds. */
  receivedAt: number
  /** What stands after the app in the address: one of `Channel.callbackParts`. */
  part?: string
}

/** A callback whose proof held. Everything in it was said by the platform, or by a person through it. */
export type Inbound =
  /** The platform checks the address. Only ever echoed. */
  | { kind: 'handshake'; answer: unknown }
  | {
      kind: 'action'
      eventId: string
      signatureHash: string
      /** Null when the platform did not say who tapped: refused politely. */
      platformUserId: string | null
      /** What the button said; null when it is no button of ours. */
      button: ButtonValue | null
      comment: string | null
    }
  | {
      kind: 'message'
      eventId: string
      signatureHash: string
      platformUserId: string | null
      /** Without the mention of the bot. */
      text: string
      isGroup: boolean
      /** In a group, whether it was said to the bot and nobody else; null when the message itself does not tell. */
      isForBot: boolean | null
      /** The platform's id of the one who is mentioned, where that may be the bot. */
      mentioned: string | null
    }
  /** A well-formed event that we have no use for: acknowledged. */
  | { kind: 'other'; eventId: string; signatureHash: string; type: string }

/** Why a callback is not believed. `forged`: 401; `malformed`: 400. Nothing is dispatched. */
export class CallbackRefused extends Error {
  override name = 'CallbackRefused'
  readonly kind: 'forged' | 'malformed'
  /** Stable, for logs and metrics, for example `bad_signature`, `stale`, `wrong_token`, `not_configured`. */
  readonly code: string

  constructor(kind: 'forged' | 'malformed', code: string, message: string) {
    super(message)
    this.kind = kind
    this.code = code
  }
}

/** What became of a tap, to be said in the person's language. `card` is the card as it is to look from now on. */
export interface ActionReply {
  locale: Locale
  outcome:
    | { ok: true; action: DecisionAction; status: TicketStatus }
    | { ok: false; reason: RefusalReason; by: string | null; status: TicketStatus | null }
  card: CardModel | null
  /** Who tapped, for a platform whose buttons name their person; without it the answer leaves their buttons as they are. */
  platformUserId?: string | null
}

/** `since`: epoch milliseconds. `reason`: why it is, or was last, down; the platform's code or a word of ours. */
export interface ConnectionState {
  status: 'connecting' | 'open' | 'down'
  since: number
  reason: string | null
}

/** A connection that we hold to the platform. It renews itself until it is disposed of. */
export interface Connection extends AsyncDisposable {
  readonly state: ConnectionState
}

export interface Listener {
  /** Handles what came in; the answer's body. Throws when it could not be handled: the platform is to deliver it again. */
  receive(inbound: Exclude<Inbound, { kind: 'handshake' }>): Promise<unknown>
  changed(state: ConnectionState): void
  /** Something that came in was not believed, or not handled. */
  failed(error: unknown): void
}

export interface LoginStart {
  redirectUri: string
  state: string
  /** S256. */
  codeChallenge: string
}

/** One of those who see a shared card. What is theirs alone (buttons, language, own decision) comes from their `card`. */
export interface SharedReceiver {
  platformUserId: string
  card: CardModel
  /** False: no earlier try can have reached them. Else a card that is found made already counts as theirs. */
  wasTried?: boolean
}

/** What became of one receiver: the shared card, or a message of their own in its place, reached them, or nothing did. */
export type SharedResult = { ok: true; delivered: Delivered } | { ok: false; error: ChannelError }

/**
 * One card per ticket, shown to all who are told of it. Every receiver's delivery keeps the message that came back for
 * them; those of one card have the same address. The delivery worker gathers what is due for one ticket:
 *
 * - nobody has the card yet: `create`, for approvers and submitter together;
 * - somebody has it and it is out of date: `update`, one call however many hold it;
 * - somebody is to get it who has not (the next node's approvers): `add`, which also updates the others;
 * - a message without an address is one person's own: `Channel.update`.
 *
 * Each method throws ChannelError when the platform refuses the call as a whole.
 */
export interface SharedCards {
  /** More receivers than this cost further calls. */
  readonly receiversPerCall: number
  /** The card that a delivery's message belongs to; null when the message is its receiver's own. */
  addressOf(message: unknown): string | null
  /** Makes the card and shows it. The key is stable over retries of the same card and stands for it; at most 50 characters. */
  create(idempotencyKey: string, receivers: readonly SharedReceiver[]): Promise<SharedResult[]>
  /** `holders`: all who have the card; who is left out sees what is public, with their own part as it was. */
  update(message: unknown, holders: readonly SharedReceiver[]): Promise<Delivered>
  /** Shows the card to more people and brings it up to date for those who have it. One result for each of `added`. */
  add(message: unknown, added: readonly SharedReceiver[], holders: readonly SharedReceiver[]): Promise<SharedResult[]>
  /**
   * A plain message with the link in place of the card, one call for all who get the same words: for when calls are
   * running out. It is nobody's card, and stays as it is.
   */
  tell(receivers: readonly SharedReceiver[], why: ChannelError): Promise<SharedResult[]>
}

/** Calls that an app has in a calendar month of China, and the percentage of them from which each saving step is taken. */
export interface CallQuota {
  calls: number
  saveFrom: ReadonlyMap<SavingStep, number>
}

/** What the platform has on record for our callback address. */
export type CallbackRegistration =
  /** `replaced`: the address of another that stood there until now. */
  | { state: 'registered'; replaced?: string }
  /** Another address has it; nothing was changed. `url` is for an administrator to decide on. */
  | { state: 'taken'; url: string }

export interface Channel extends Partial<Examinable> {
  readonly tenantId: TenantId
  readonly name: ChannelName
  /** The platform's id of the app. */
  readonly appId: string
  /** The platform's id of the organisation, where links into the H5 app must carry it. */
  readonly corpId?: string
  /** What may stand after the app in the address, where a platform has an address for each kind of callback. */
  readonly callbackParts?: readonly string[]
  /** False when callbacks cannot be verified: cards then only lead to the H5 app. */
  readonly takesActions: boolean
  /** For the log-in page. */
  readonly jsSdkUrl: string | null
  /** Origins that may frame the H5 app, and from which its web view loads the SDK. */
  readonly origins: { frame: string[]; script: string[] }
  /** Outbound limits, enforced by the delivery worker for all instances together. */
  readonly limits: { app: RateLimit[]; receiver: RateLimit[]; message: RateLimit[] }
  /** Absent where nothing limits the calls of a month. */
  readonly callQuota?: CallQuota
  /** Where the platform shows one card to many: the way to spend one call on all of them. Absent elsewhere. */
  readonly shared?: SharedCards
  /** Who is in the organisation; absent where the platform tells no app. */
  readonly directory?: ChannelDirectory

  /**
   * Makes a message that was sent heard once more, by an urgent message ("buzz") to its receiver. Absent where the platform
   * has none. Throws ChannelError.
   */
  buzz?(message: unknown, platformUserId: string): Promise<{ code: string; text: string }>
  /** Looks people up; one answer per address, null where the platform knows nobody. Throws ChannelError. */
  resolve(addresses: Address[]): Promise<(string | null)[]>
  /** Throws ChannelError. */
  send(outgoing: Outgoing): Promise<Delivered>
  /** Throws ChannelError. */
  update(message: unknown, outgoing: Outgoing): Promise<Delivered>
  /** Sends plain text. Throws ChannelError. */
  say(saying: Saying): Promise<Delivered>

  /** The kind of connection that `connect` opens, as the channel's settings call it; absent where the platform calls us. */
  readonly connectsBy?: Exclude<Reach, 'http'>
  /**
   * Present where the tenant chose a connection in place of callbacks: opens one. What comes in needs no proof of its own,
   * since the connection has proved who is at either end.
   */
  connect?(listener: Listener): Connection
  /** Whether this is the platform's id of our bot, where messages do not say it themselves. Throws ChannelError. */
  isBot?(platformId: string): Promise<boolean>
  /** Verifies and reads a callback. Throws CallbackRefused. */
  receive(callback: RawCallback): Inbound
  /**
   * Tells the platform where callbacks go, where it is told by call; absent where an administrator types it in. An
   * address that is another's is left alone unless `replace`. Throws ChannelError.
   */
  registerCallback?(publicUrl: string, options: { replace: boolean }): Promise<CallbackRegistration>
  /** The HTTP answer (JSON) to a tap. */
  answer(reply: ActionReply): unknown
  /** The HTTP answer (JSON) to everything else that was taken. */
  acknowledge(): unknown

  authorizeUrl(start: LoginStart): string
  /** Code of a log-in by redirect, or (`inApp`) of the platform's H5 SDK. Throws ChannelError; kind `rejected`: a bad code. */
  exchange(login: {
    code: string
    redirectUri: string
    codeVerifier: string | null
    inApp: boolean
  }): Promise<PlatformUser>
}

/** At most `points` calls in `seconds`. */
export interface RateLimit {
  points: number
  seconds: number
}

/** Whom a delivery was for, in logs: never a name or a number. */
export type Recipient = { uid: Uid; channel: ChannelName }
