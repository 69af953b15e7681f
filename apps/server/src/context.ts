import { randomBytes, randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { v7 as uuid } from 'uuid'
import { createFingerprint } from './addresses/fingerprint.ts'
import { homeCountry } from './addresses/phone-number.ts'
import type { AppRouterDeps } from './api/app/app-router.ts'
import type { ManagedChannelsDeps } from './api/app/console/channels/deps.ts'
import type { DirectorySyncDeps } from './api/app/console/directory-sync-router.ts'
import type { LoginWaysRouterDeps } from './api/app/console/login-ways/router.ts'
import type { WelcomeRouterDeps } from './api/app/console/welcome-router.ts'
import type { NotificationSettingsDeps } from './api/app/notification-settings/deps.ts'
import type { TextTemplatesDeps } from './api/app/text-templates/router.ts'
import type { ChannelApiDeps } from './api/v1/channels.ts'
import type { V1Deps } from './api/v1/tickets.ts'
import { createTicketWaiter } from './api/v1/wait.ts'
import { createSenders } from './callbacks/meet-sender.ts'
import { receivePushed } from './callbacks/pushed.ts'
import type { CallbackRouterDeps } from './callbacks/routes.ts'
import { createWitness } from './callbacks/witness.ts'
import { createCardComposer } from './cards/compose.ts'
import { createButtonProofs } from './cards/proof.ts'
import { createCallNotes, webhookCallsKeptMs } from './channels/call-notes.ts'
import { createCallbackCourier } from './channels/callback-url/courier.ts'
import type { Channel } from './channels/channel.ts'
import { type Connections, createConnections } from './channels/connections.ts'
import { isPushed, robotAllowance } from './channels/dingtalk-robot/allowance.ts'
import { createLiveChannels, type LiveChannels } from './channels/live-channels.ts'
import { createLiveMessengers, type LiveMessengers } from './channels/live-messengers.ts'
import type { Messenger } from './channels/messenger.ts'
import { createOutgoingGuards } from './channels/messenger-deps.ts'
import {
  createMessenger,
  isMessengerName,
  messengerKind,
  messengerNames,
  messengerTraits,
} from './channels/messenger-registry.ts'
import { openChannel } from './channels/open-channel.ts'
import { createRegistrations, type Registrations } from './channels/registrations.ts'
import { channelNames, channelsCalled, isChannelName, sharedChannels } from './channels/registry.ts'
import type { Config } from './config/config.ts'
import { loadSecretKeys, prepareDataDir } from './config/secrets.ts'
import { createDailyReports, type DailyReports } from './coverage/daily-report.ts'
import { createKeyRing, type KeyPurpose } from './crypto/key-ring.ts'
import { createSealer } from './crypto/seal.ts'
import { openStoreOrExplain } from './db/open-or-explain.ts'
import { adoptSecretKey } from './db/secret-key.ts'
import type { ChannelRecord, Store } from './db/stores.ts'
import { createGuesses } from './decision-links/guesses.ts'
import { createDecisionLinkOffers } from './decision-links/offer.ts'
import type { DecisionLinkRouterDeps } from './decision-links/routes.ts'
import { createLinkTokens } from './decision-links/token.ts'
import { createCardCourier } from './delivery/card-courier.ts'
import { createMessageCourier } from './delivery/message-courier.ts'
import { createOutboundLimiter } from './delivery/rate-limit.ts'
import { createReplyCourier } from './delivery/reply-courier.ts'
import { createReportCourier } from './delivery/report-courier.ts'
import { createSharedCourier } from './delivery/shared-courier.ts'
import { createTimedCourier } from './delivery/timed-courier.ts'
import { createDeliveryWorker, type DeliveryWorker } from './delivery/worker.ts'
import { betweenDirectoryCallsMs } from './directory-sync/calls.ts'
import { createDirectoryReader, type DirectoryReader, readsKeptMs } from './directory-sync/reader.ts'
import { createDoctor } from './doctor/doctor.ts'
import { rememberingDoctor } from './doctor/remember.ts'
import { createLog, KnownSecrets, type Log, logOf, sealerKnownTo } from './log.ts'
import { createEmailLogin } from './login-ways/email-login.ts'
import { createOidcLogin } from './login-ways/oidc/oidc-login.ts'
import { createOidcProviders } from './login-ways/oidc/provider.ts'
import { createLoginWaySettings } from './login-ways/settings.ts'
import type { MailNoticeRouterDeps } from './mail-notices/routes.ts'
import { createSignOffLinks } from './mail-notices/sign-off.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { applyProvisioning } from './provisioning/apply.ts'
import { readProvisioningFile } from './provisioning/read.ts'
import { type CallMeter, createCallMeter } from './quota/call-meter.ts'
import { createRerouting, type Rerouting } from './reroute/rerouting.ts'
import { pendingMs } from './second-factor/enrol.ts'
import { createRelyingParty } from './second-factor/relying-party.ts'
import type { SecondFactorRouterDeps } from './second-factor/routes.ts'
import { createAccessTokens } from './session/access-token.ts'
import { createCookies } from './session/cookies.ts'
import { createLogin } from './session/login.ts'
import { createLoginThrottle } from './session/login-throttle.ts'
import { createSessions } from './session/sessions.ts'
import { createTenantTexts } from './texts/tenant-texts.ts'
import { createOverdueTrials, type OverdueTrials } from './trials/overdue.ts'
import { createCodeSender } from './verification/code-sender.ts'
import { createCodes } from './verification/codes.ts'
import { createThrottles, throttlesKeptMs } from './verification/throttles.ts'

/** Every object of a running host, built once and by hand. Disposing it stops the worker and closes the database. */
export interface Context extends AsyncDisposable {
  config: Config
  log: Log
  metrics: Metrics
  store: Store
  channels: LiveChannels
  messengers: LiveMessengers
  worker: DeliveryWorker
  connections: Connections
  registrations: Registrations
  dailyReports: DailyReports
  rerouting: Rerouting
  overdueTrials: OverdueTrials
  callMeter: CallMeter
  /** Where the built web apps lie. */
  h5Directory: string
  consoleDirectory: string
  v1Deps: V1Deps
  channelApiDeps: ChannelApiDeps
  appDeps: AppRouterDeps
  managedChannelsDeps: ManagedChannelsDeps
  directoryReader: DirectoryReader
  directorySyncDeps: DirectorySyncDeps
  loginWaysDeps: LoginWaysRouterDeps
  notificationSettingsDeps: NotificationSettingsDeps
  textTemplatesDeps: TextTemplatesDeps
  secondFactorDeps: SecondFactorRouterDeps
  welcomeDeps: WelcomeRouterDeps
  callbackDeps: CallbackRouterDeps
  /** What is for the person at the terminal only. */
  greet: (text: string) => void
  decisionLinkDeps: DecisionLinkRouterDeps
  mailNoticeDeps: MailNoticeRouterDeps
  /** Set once the host is stopping: no longer ready. */
  isDraining: boolean
  /** Readiness turns red, and requests that wait for something answer now. */
  beginDraining(): void
}

export interface Overrides {
  now?: () => number
  /** Where log lines go. */
  log?: Log
  /** What is for the person at the terminal only; standard error unless given. */
  greet?: (text: string) => void
}

const apps = join(dirname(fileURLToPath(import.meta.url)), '../..')
const h5Directory = join(apps, 'h5/dist')
const consoleDirectory = join(apps, 'console/dist')
/** Callbacks are remembered well beyond the platforms' own re-delivery window of about seven hours. */
const rememberCallbacksMs = 72 * 60 * 60 * 1_000
/** So long a link in an old mail can say why it does nothing. */
const rememberDeadLinksMs = 90 * 24 * 60 * 60 * 1_000
/** Longer than any delivery of one is tried; the last one is what the next is compared with. */
const rememberReportsMs = 30 * 24 * 60 * 60 * 1_000
const houseKeepingMs = 10 * 60 * 1_000

/** Opens the database, applies the provisioning file, and wires everything. Throws before anything is half done. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const now = overrides.now ?? Date.now
  const secrets = new KnownSecrets()
  const log = overrides.log ?? createLog({ level: config.logLevel, secrets })
  // Checked as a whole before anything is made or changed.
  const file = config.provisioningFile === null ? null : readProvisioningFile(config.provisioningFile)
  prepareDataDir(config.dataDir)
  const { keys: rootKeys, warning } = loadSecretKeys(config)
  if (warning !== null) logOf(log, 'ops').warn(warning)
  const keys = createKeyRing(rootKeys)
  const plainSealer = createSealer(keys)
  const sealer = sealerKnownTo(secrets, plainSealer)
  const metrics = createMetrics()

  await using stack = new AsyncDisposableStack()
  const store = stack.use(
    await openStoreOrExplain({
      dataDir: config.dataDir,
      databaseUrl: config.databaseUrl,
      auditKeys: keys.all('audit').map(({ id, bytes }) => ({ id, key: bytes })),
      sealer,
      newId: () => uuid(),
      channelNames: [...channelNames, ...messengerNames],
      sharedChannels,
      messengers: messengerTraits,
      timeZone: config.defaults.timeZone,
      now,
    }),
  )
  await adoptSecretKey(store, sealer)
  if (file !== null) {
    const deps = { sealer, now, newSecret }
    const changes = await store.run((tx) => applyProvisioning(tx, file, deps))
    logOf(log, 'provisioning').info(
      { tenants: file.tenants.length, changed: changes.length },
      'provisioning file applied',
    )
  }

  const { tenants } = store.stores
  const channelLog = logOf(log, 'channels')
  const deliveryLog = logOf(log, 'delivery')
  const callMeter = stack.use(
    createCallMeter({
      store,
      quotaOf: async ({ tenantId, channel }) =>
        ((await channels.get(tenantId, channel)) ?? (await messengers.get(tenantId, channel)))?.callQuota ?? null,
      log: deliveryLog,
      warned: metrics.observeQuotaWarning,
      now,
    }),
  )
  const open = (record: ChannelRecord): Channel => openChannel(record, { log: channelLog, callMeter, now })
  const channels = createLiveChannels({
    tenants,
    create: open,
    isRegistered: isChannelName,
    called: channelsCalled,
    log: channelLog,
  })
  const egress = createOutgoingGuards()
  const { publicUrl } = config
  const bytesOf = (purpose: KeyPurpose): Buffer[] => keys.all(purpose).map(({ bytes }) => bytes)
  const linkTokens = createLinkTokens(bytesOf('decision-link'))
  const decisionLinks = createDecisionLinkOffers({ store, tokens: linkTokens, publicUrl, now })
  const signOffLinks = createSignOffLinks(bytesOf('mail-notices'), publicUrl)
  const mailLinks = { decisions: decisionLinks.offer, signOff: signOffLinks.linkFor }
  const noteCall = createCallNotes({ store, log: logOf(log, 'delivery') })
  const openMessenger = (record: ChannelRecord): Messenger =>
    createMessenger(record, { now, egress, noteCall, mailLinks, meter: callMeter.count.bind(callMeter) })
  const messengers = createLiveMessengers({
    tenants,
    create: openMessenger,
    isRegistered: isMessengerName,
    log: channelLog,
  })
  const { locale, timeZone } = config.defaults
  const proofs = createButtonProofs(keys.all('proof').map(({ bytes }) => bytes))
  const composer = createCardComposer({ publicUrl: config.publicUrl, locale, timeZone }, proofs)
  const limiter = stack.use(await createOutboundLimiter({ databaseUrl: config.databaseUrl }))
  const owner = randomUUID()
  const texts = createTenantTexts({ stores: store.stores, log: deliveryLog })
  const savings = (channel: Channel) => callMeter.savings(channel)
  const courierDeps = { store, channels: channels.get, composer, texts, limiter, savings, log: deliveryLog, now, owner }
  const reading = { publicUrl, locale, timeZone }
  const messageDeps = { ...courierDeps, ...reading, messengers: messengers.get, sealer }
  const worker = stack.use(
    createDeliveryWorker({
      store,
      cards: createTimedCourier(createCardCourier(courierDeps), { store, now }),
      callbacks: createCallbackCourier({ store, now, egress, noteCall }),
      shared: createSharedCourier(courierDeps),
      replies: createReplyCourier(courierDeps),
      messages: new Map(
        messengerNames.map((name) => [
          name,
          createTimedCourier(createMessageCourier(messageDeps, { name, ...messengerKind(name) }), { store, now }),
        ]),
      ),
      reports: createTimedCourier(createReportCourier({ ...courierDeps, ...reading }), { store, now }),
      log: deliveryLog,
      observe: metrics.observeDelivery,
      now,
      random: Math.random,
      owner,
    }),
  )
  const waiter = createTicketWaiter(now)
  const committed = (): void => {
    worker.wake()
    waiter.notify()
  }
  const cookies = createCookies(config.publicUrl)
  const tokens = createAccessTokens(keys, config.publicUrl)
  const sessions = createSessions({ store, cookies, tokens, now, newId: () => uuid() })
  // Anybody can begin a log-in: the log must not remember what each of them sealed.
  const ways = createLoginWaySettings({ stores: store.stores, messengers, sealer, log: logOf(log, 'session') })
  const login = createLogin({ store, channels, ways, sealer: plainSealer, publicUrl, now })
  const providers = createOidcProviders()
  const oidcDeps = {
    store,
    ways,
    providers,
    sealer: plainSealer,
    publicUrl,
    locale,
    now,
    newId: () => uuid(),
    committed,
  }
  const oidcLogin = createOidcLogin(oidcDeps)
  const calls = { store, limiter, savings, log: deliveryLog, now }
  const codeSender = stack.use(createCodeSender({ ...calls, channels, messengers, texts, log: logOf(log, 'session') }))
  const codes = createCodes({ keys, now })
  const throttles = createThrottles({ keys, now })
  const emailLogin = createEmailLogin({ store, ways, codes, codeSender, throttles, locale, timeZone, now })
  stack.use(keepHouse(store, now, logOf(log, 'ops')))

  const witness = stack.use(createWitness({ store, log: channelLog, now }))
  const callbackDeps: CallbackRouterDeps = {
    store,
    channels,
    witness: {
      saw(channel, way, kind) {
        witness.saw(channel, way, kind)
        if (isPushed(channel.name)) callMeter.count(robotAllowance(channel.tenantId))
      },
    },
    senders: createSenders({ store, now }),
    composer,
    proofs,
    publicUrl: config.publicUrl,
    locale,
    log: logOf(log, 'callbacks'),
    committed,
    now,
    observe: metrics.observeCallback,
  }
  const connections = stack.use(
    createConnections({
      channels,
      receive: (channel, inbound) => receivePushed(callbackDeps, channel, inbound),
      log: channelLog,
    }),
  )

  const registrations = stack.use(createRegistrations({ channels, publicUrl, log: channelLog, now }))
  const examining = createDoctor({
    store,
    // One that is off is opened for the occasion, and one whose settings cannot be used says why.
    open(record) {
      if (isChannelName(record.name)) return channels.of(record) ?? open(record)
      return isMessengerName(record.name) ? openMessenger(record) : null
    },
    connections,
    register: (channel, options) => registrations.register(channel, options),
    callMeter,
    sealer,
    noteSightings: () => witness.flush(),
    publicUrl,
    log: channelLog,
    now,
  })
  const doctor = rememberingDoctor(examining, store)
  const overdueTrials = stack.use(createOverdueTrials({ store, now, committed, log: deliveryLog }))

  const directoryCalls = { ...calls, betweenCallsMs: betweenDirectoryCallsMs }
  const directoryReader = stack.use(
    createDirectoryReader({ ...directoryCalls, channels, log: channelLog, newId: () => uuid() }),
  )

  const dailyReports = stack.use(createDailyReports({ store, timeZone, now, committed, log: deliveryLog }))

  const rerouting = stack.use(createRerouting({ store, now, committed, owner, log: logOf(log, 'ops') }))

  metrics.watchQueue(store)
  metrics.watchConnections(connections)
  metrics.watchRegistrations(channels, registrations)
  metrics.watchQuotas(channels, callMeter)
  const owned = stack.move()
  const context: Context = {
    config,
    log,
    metrics,
    store,
    channels,
    messengers,
    worker,
    connections,
    registrations,
    dailyReports,
    rerouting,
    overdueTrials,
    callMeter,
    h5Directory,
    consoleDirectory,
    channelApiDeps: { store, channels, messengers, connections, registrations, callMeter, doctor, locale, now },
    v1Deps: { store, waiter, now, newId: () => uuid(), committed },
    appDeps: {
      store,
      sessions,
      login,
      emailLogin,
      oidcLogin,
      throttle: createLoginThrottle(),
      cookies,
      locale,
      timeZone,
      now,
      committed,
      decided: metrics.observeDecision,
    },
    managedChannelsDeps: {
      ...{ store, sessions, channels, messengers, connections, registrations, callMeter, doctor },
      ...{ sealer, newSecret, publicUrl, locale, now },
    },
    directoryReader,
    directorySyncDeps: {
      ...{ store, sessions, channels, callMeter, sealer, locale, now, committed },
      ...{ reader: directoryReader, calls: directoryCalls, newId: () => uuid() },
    },
    loginWaysDeps: { store, sessions, sealer, publicUrl, now },
    notificationSettingsDeps: {
      store,
      sessions,
      channels,
      messengers,
      texts,
      calls,
      codes,
      codeSender,
      throttles,
      fingerprint: createFingerprint(keys),
      sealer,
      locale,
      timeZone,
      country: homeCountry(config.region),
      now,
      newId: () => uuid(),
      committed,
    },
    welcomeDeps: {
      ...{ store, sessions, channels, waiter, throttles, publicUrl, locale, now, committed },
      region: config.region,
      noteSightings: () => witness.flush(),
      newId: () => uuid(),
    },
    textTemplatesDeps: { store, sessions, composer, publicUrl: config.publicUrl, locale, timeZone, now },
    secondFactorDeps: {
      ...{ store, sessions, throttles, now },
      // As with log-ins: anybody can begin to set up an app.
      sealer: plainSealer,
      relyingParty: createRelyingParty(publicUrl),
      newId: () => uuid(),
    },
    callbackDeps,
    greet: overrides.greet ?? ((text) => void process.stderr.write(`${text}\n`)),
    decisionLinkDeps: {
      store,
      composer,
      guesses: createGuesses(),
      publicUrl,
      locale,
      timeZone,
      log: logOf(log, 'callbacks'),
      now,
      committed,
      decided: metrics.observeDecision,
    },
    mailNoticeDeps: { store, links: signOffLinks, publicUrl, locale, now },
    isDraining: false,
    beginDraining() {
      context.isDraining = true
      waiter.release()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return context
}

/** Of a DingTalk app whose callbacks nobody has given a secret for. */
function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Forgets what has run out: callbacks seen long ago, log-in attempts, ended sessions, codes, what was throttled. */
function keepHouse(store: Store, now: () => number, log: Log): Disposable {
  const sweep = async (): Promise<void> => {
    try {
      await store.run(
        async ({
          callbacks,
          chat,
          decisionLinks,
          directoryReads,
          reports,
          secondFactors,
          sessions,
          verification,
          throttles,
          webhookCalls,
        }) => {
          await callbacks.forgetBefore(now() - rememberCallbacksMs)
          await chat.forgetBefore(now() - rememberCallbacksMs)
          await reports.forgetBefore(now() - rememberReportsMs)
          await directoryReads.forgetBefore(now() - readsKeptMs)
          await sessions.forgetExpired(now())
          await verification.forgetExpired(now())
          await secondFactors.forgetExpired(now(), now() - pendingMs)
          await throttles.forgetBefore(now() - throttlesKeptMs)
          await decisionLinks.forgetExpired(now() - rememberDeadLinksMs)
          await webhookCalls.forgetBefore(now() - webhookCallsKeptMs)
        },
      )
    } catch (error) {
      log.warn({ err: error }, 'could not forget what has run out; trying again later')
    }
  }
  const timer = setInterval(sweep, houseKeepingMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
