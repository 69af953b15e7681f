import type { ChannelName } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { MessengerTraits } from '#server/channels/messenger.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import { createApprovalTemplateStore } from './approval-template-store.ts'
import { type AuditChain, type AuditHeads, type AuditKey, createAuditStore } from './audit-store.ts'
import { createCallCountStore } from './call-count-store.ts'
import { createCallbackStore } from './callback-store.ts'
import { createChatStore } from './chat-store.ts'
import { createCompanyAccountStore } from './company-account-store.ts'
import { createCoverageStore } from './coverage-store.ts'
import { createDecisionLinkStore } from './decision-link-store.ts'
import { createDeliveryActionStore } from './delivery-action-store.ts'
import { createDiagnosisStore } from './diagnosis-store.ts'
import { createDirectoryReadStore } from './directory-read-store.ts'
import { createDirectory } from './directory-store.ts'
import type { Engine } from './engine.ts'
import { createLoginWayStore } from './login-way-store.ts'
import { createNotificationSettingsStore } from './notification-settings-store.ts'
import { createOutbox } from './outbox.ts'
import { createOverviewStore } from './overview-store.ts'
import { createPeopleStore } from './people-store.ts'
import { createReportStore } from './report-store.ts'
import { createRerouteStore } from './reroute-store.ts'
import type { Database } from './schema.ts'
import { createSecondFactorStore } from './second-factor-store.ts'
import { createSessionStore } from './session-store.ts'
import { createSettingsStore } from './settings-store.ts'
import { createSightingStore } from './sighting-store.ts'
import type { Stores } from './stores.ts'
import { createTenantStore } from './tenant-store.ts'
import { createTextStore } from './text-store.ts'
import { createThrottleStore } from './throttle-store.ts'
import { createTicketStore } from './ticket-store.ts'
import { createTrialStore } from './trial-store.ts'
import { createVerificationStore } from './verification-store.ts'
import { createWebhookCallStore } from './webhook-call-store.ts'

export interface StoresDeps {
  engine: Engine
  auditKeys: readonly AuditKey[]
  sealer: Sealer
  newId: () => string
  /** Epoch milliseconds. */
  now: () => number
  /** The channels that this build has an adapter for. */
  channelNames: readonly ChannelName[]
  /** Those of them that show one card to many. */
  sharedChannels: readonly ChannelName[]
  /** The channels that only tell, none unless given; they stand among `channelNames` too. */
  messengers?: readonly MessengerTraits[]
  /** Of the region, for tenants and people that have set none. */
  timeZone: string
}

/** Every store over one connection or transaction. Made anew for each unit of work: none keeps anything of its own. */
export function createStores(
  db: Kysely<Database>,
  deps: StoresDeps,
  heads?: AuditHeads,
): Stores & { audit: AuditChain } {
  const { engine, newId, channelNames, sharedChannels, timeZone, messengers = [] } = deps
  const tenants = createTenantStore(db, deps.sealer)
  const directory = createDirectory(db)
  return {
    tickets: createTicketStore(db, engine),
    directory,
    notices: createOutbox(db, {
      tenants,
      directory,
      engine,
      newId,
      channelNames,
      sharedChannels,
      timeZone,
      messengers,
    }),
    audit: createAuditStore(db, { engine, keys: deps.auditKeys, ...(heads === undefined ? {} : { heads }) }),
    tenants,
    callbacks: createCallbackStore(db, engine),
    sessions: createSessionStore(db),
    settings: createSettingsStore(db),
    people: createPeopleStore(db),
    approvalTemplates: createApprovalTemplateStore(db),
    chat: createChatStore(db, newId),
    callCounts: createCallCountStore(db),
    notificationSettings: createNotificationSettingsStore(db),
    verification: createVerificationStore(db),
    throttles: createThrottleStore(db),
    secondFactors: createSecondFactorStore(db),
    sightings: createSightingStore(db),
    trials: createTrialStore(db),
    diagnoses: createDiagnosisStore(db),
    decisionLinks: createDecisionLinkStore(db, engine),
    texts: createTextStore(db),
    overview: createOverviewStore(db, engine),
    coverage: createCoverageStore(db, { channelNames }),
    reports: createReportStore(db),
    reroutes: createRerouteStore(db, newId),
    directoryReads: createDirectoryReadStore(db),
    deliveryActions: createDeliveryActionStore(db, { newId, sharedChannels, messengers }),
    webhookCalls: createWebhookCallStore(db),
    loginWays: createLoginWayStore(db),
    companyAccounts: createCompanyAccountStore(db),
  }
}
