import { z } from 'zod'
import { ChannelName, Locale, Risk, Role, TenantId, Timestamp, Uid } from './identifiers.ts'
import { LoginWay } from './login-ways.ts'
import { RefusalReason } from './problem.ts'
import { Attachment, Code, DecisionAction, Field, HistoryAction, NodeRule, NodeStatus, TicketStatus } from './ticket.ts'
import { secondFactorStates } from './vocabulary.ts'

/** What the H5 app asks before it knows who is there: `GET /api/app/login-options`. */
export const LoginOptionsQuery = z.strictObject({
  t: TenantId.optional(),
  c: ChannelName.optional(),
})
export const LoginChannel = z.object({
  channel: ChannelName,
  appId: z.string(),
  /** Where the platform's H5 SDK is loaded from, inside its web view only. */
  jsSdkUrl: z.string().nullable(),
  /** The platform's id of the organisation, where its client must be told for whom it gives a code. */
  corpId: z.string().nullable(),
})
export type LoginChannel = z.infer<typeof LoginChannel>
export const LoginOptions = z.object({
  tenants: z.array(
    z.object({
      id: TenantId,
      name: z.string(),
      channels: z.array(LoginChannel),
      /** Whether a code in an e-mail lets people in. */
      email: z.boolean(),
      /** The OpenID provider, with what its button says; null: there is none. */
      oidc: z.object({ label: z.string().nullable() }).nullable(),
    }),
  ),
  /** The channel asked for with `c` exists but is switched off. */
  channelNotEnabled: z.boolean(),
  /** Sent back with an in-app log-in, against log-in forgery. Lives 10 minutes, single use, bound to this browser. */
  nonce: z.string(),
})
export type LoginOptions = z.infer<typeof LoginOptions>

/** `POST /api/app/login/start`: log-in by redirect. `target` is the query string to come back to (`?t=…&ticket=…`). */
export const StartLogin = z.strictObject({
  tenant: TenantId,
  channel: ChannelName,
  target: z.string().max(1_000).default(''),
})
export const StartedLogin = z.object({ authorizeUrl: z.string() })

/** `POST /api/app/login/finish`: the code and state that the platform put on the redirect URL. */
export const FinishLogin = z.strictObject({ code: z.string().min(1).max(2_048), state: z.string().min(16).max(256) })
/** `POST /api/app/login/in-app`: the code that the platform's H5 SDK gave. */
export const InAppLogin = z.strictObject({
  tenant: TenantId,
  channel: ChannelName,
  code: z.string().min(1).max(2_048),
  nonce: z.string().min(16).max(256),
})

/** `POST /api/app/login/link`: the secret of a link that logs in once. */
export const LinkLogin = z.strictObject({ link: z.string().min(16).max(256) })

export const Person = z.object({ uid: z.string(), name: z.string() })
export type Person = z.infer<typeof Person>

export const ticketTabs = ['pending', 'done', 'submitted', 'cc'] as const
export const TicketTab = z.enum(ticketTabs)
export type TicketTab = z.infer<typeof TicketTab>

/** Counted up to 1,000; 1,000 means that many or more. */
export const TabCounts = z.record(TicketTab, z.int())
export type TabCounts = z.infer<typeof TabCounts>

export const AppTicketQuery = z.strictObject({
  tab: TicketTab.default('pending'),
  q: z.string().trim().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
  cursor: z.string().max(256).optional(),
})

/** A ticket as a row of a list. */
export const TicketSummary = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  module: z.string(),
  risk: Risk,
  status: TicketStatus,
  submitter: Person,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  dueAt: Timestamp.nullable(),
  /** Where it stands: the name of the current node, its place (from 0) and how many there are. */
  node: z.object({ index: z.int(), name: z.string(), count: z.int() }),
  myDecision: DecisionAction.nullable(),
})
export type TicketSummary = z.infer<typeof TicketSummary>
export const TicketSummaryPage = z.object({
  items: z.array(TicketSummary),
  nextCursor: z.string().nullable(),
  counts: TabCounts,
})
export type TicketSummaryPage = z.infer<typeof TicketSummaryPage>

/** Whether the person may do a thing here and now, and if not, why. */
export const Permission = z.object({ allowed: z.boolean(), reason: RefusalReason.nullable() })
export type Permission = z.infer<typeof Permission>

/** A ticket as its own page, for one person. */
export const TicketDetail = TicketSummary.extend({
  externalId: z.string().nullable(),
  description: z.string(),
  fields: z.array(Field),
  code: z.array(Code),
  attachments: z.array(Attachment),
  url: z.string().nullable(),
  cc: z.array(Person),
  owners: z.array(Person),
  executesOnApproval: z.boolean(),
  contentHash: z.string(),
  version: z.int(),
  decidedAt: Timestamp.nullable(),
  nodes: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      rule: NodeRule,
      status: NodeStatus,
      approvers: z.array(Person.extend({ decision: DecisionAction.nullable(), decidedAt: Timestamp.nullable() })),
    }),
  ),
  history: z.array(
    z.object({
      at: Timestamp,
      actor: Person,
      action: HistoryAction,
      via: z.string(),
      comment: z.string().nullable(),
      node: z.int().nullable(),
      superseded: z.boolean(),
      /** Of a transfer: whose place it was, and who has it now. */
      transfer: z.object({ from: Person, to: z.array(Person) }).nullable(),
    }),
  ),
  permissions: z.object({
    decide: Permission,
    withdraw: Permission,
    remind: Permission,
    comment: Permission,
  }),
  /** High risk: the decision must be confirmed a second time (`confirmed: true`). */
  needsConfirmation: z.boolean(),
})
export type TicketDetail = z.infer<typeof TicketDetail>

/** `POST /api/app/tickets/{id}/decision`. A refusal is 409 with the reason as `code`. */
export const Decide = z.strictObject({
  action: DecisionAction,
  /** Of the content that the person has seen. */
  contentHash: z.string().min(1).max(128),
  /** The node that was current when the person was asked: a request that is sent twice never decides two steps. */
  node: z.int().min(0).max(1_000).optional(),
  /** Required to reject. */
  comment: z.string().trim().max(1_000).optional(),
  confirmed: z.boolean().optional(),
})
export type Decide = z.infer<typeof Decide>
export const AppComment = z.strictObject({ comment: z.string().trim().min(1).max(1_000) })

export const SecondFactorState = z.enum(secondFactorStates)
export type SecondFactorState = z.infer<typeof SecondFactorState>

/** Who is logged in: `GET /api/app/session`, and the answer to a log-in. */
export const Session = z.object({
  /** `roles`: as they hold in this session. */
  user: Person.extend({ locale: Locale, timeZone: z.string(), roles: z.array(Role) }),
  tenant: z.object({ id: TenantId, name: z.string() }),
  channel: ChannelName.nullable(),
  secondFactor: SecondFactorState,
  /** The pending tab's first page, so that the first screen needs no second request. */
  pending: TicketSummaryPage,
})
export type Session = z.infer<typeof Session>
/** The answer to `login/finish`: also where the person wanted to go (a query string beginning with `?`, or empty). */
export const FinishedLogin = Session.extend({ target: z.string() })
export type FinishedLogin = z.infer<typeof FinishedLogin>

/** A place where the person is logged in. */
export const SessionView = z.object({
  id: z.string(),
  channel: ChannelName.nullable(),
  /** Null: begun before it was kept. */
  way: LoginWay.nullable(),
  /** As the browser calls itself. */
  browser: z.string().nullable(),
  createdAt: Timestamp,
  /** To a quarter of an hour. */
  seenAt: Timestamp,
  isThis: z.boolean(),
})
export type SessionView = z.infer<typeof SessionView>
export const SessionList = z.object({ items: z.array(SessionView) })

export const UidList = z.array(Uid)
