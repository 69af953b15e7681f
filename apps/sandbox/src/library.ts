import type { Faults } from './faults.ts'
import type { GroupMessage } from './groups/groups.ts'
import type { GroupsSandbox } from './groups/sandbox.ts'
import type { JsonObject } from './json.ts'
import type { Limits } from './limits.ts'
import type { DingtalkSandbox } from './platforms/dingtalk/sandbox.ts'
import type { DingtalkSettings } from './platforms/dingtalk/settings.ts'
import type { Sealed, SealOverrides } from './platforms/lark/callbacks.ts'
import type { EventDelivery } from './platforms/lark/events.ts'
import type { LongConnections } from './platforms/lark/long-connection.ts'
import type { ControlMatcher, PressOptions, PressResult } from './platforms/lark/press.ts'
import type { Platform, SandboxSeed } from './seed.ts'
import type { ServiceSandboxes, ServiceSettings } from './services.ts'
import type { WireEntry } from './wire.ts'
import type { App, ChatMessage, Person } from './world.ts'

/** A button of the phones page that the sandbox knows nothing about, for example "Submit another ticket". */
export interface SandboxAction {
  id: string
  label: string
  run: () => Promise<{ text: string }>
}

export interface SandboxOptions extends ServiceSettings {
  /** 0 takes any free port. */
  port?: number
  /** 127.0.0.1 unless given; `localhost` listens on the same addresses and names itself so in every URL. */
  host?: string
  /** Of the mail server; any free port unless given. */
  smtpPort?: number
  seed: SandboxSeed
  /** Keeps chats, tokens and the clock over restarts. */
  dataFile?: string
  /** The wall clock, for tests that set time by hand. */
  now?: () => number
  limits?: Partial<Limits>
  dingtalk?: Partial<DingtalkSettings>
  actions?: SandboxAction[]
}

/** What an administrator may change in the platform's console. */
export type AppChange = Partial<
  Pick<
    App,
    | 'appSecret'
    | 'encryptKey'
    | 'verificationToken'
    | 'callbackUrl'
    | 'connection'
    | 'redirectUrls'
    | 'h5TrustedDomains'
    | 'homeUrl'
    | 'scopes'
    | 'isPublished'
    | 'hasBot'
    | 'showsKeys'
    | 'subscribed'
    | 'contactRange'
  >
>
export type PersonChange = Partial<
  Pick<
    Person,
    'availableTo' | 'stoppedBot' | 'locale' | 'name' | 'email' | 'orgEmail' | 'mobile' | 'employeeId' | 'isFrozen'
  >
>

/** A message from a person to a bot, and how the server was told: Lark's event, DingTalk's message. */
export interface SaidMessage {
  message: ChatMessage | GroupMessage
  event: EventDelivery
}

/**
 * Lark, Feishu and DingTalk on loopback, and beside them group robots, SMS, mail and webhooks. Everything a test needs; the
 * phones page uses the same calls over HTTP.
 */
export interface Sandbox extends AsyncDisposable, Readonly<ServiceSandboxes> {
  /** Origin, for example `http://127.0.0.1:8090`. */
  readonly url: string
  readonly port: number
  /** Base address of a platform's API and of its authorise page. */
  baseUrl(platform: Platform): string
  jsSdkUrl(platform: Platform): string
  /** The gateway of Lark's and Feishu's long connections. */
  readonly longConnections: Pick<LongConnections, 'settings' | 'online' | 'cut'>
  /** What only DingTalk has: its hosts, switches, templates and Stream connections. */
  readonly dingtalk: DingtalkSandbox
  /** Conversations of several people, on DingTalk and WeCom. */
  readonly groups: GroupsSandbox
  readonly faults: Faults
  /** Every exchange so far, oldest first, bounded; secrets are in clear text here. */
  readonly wire: readonly WireEntry[]
  readonly limits: Limits
  person(personId: string): Person
  app(appId: string): App
  /** The id under which the person's own app (or `appId`) knows this person. */
  openId(personId: string, appId?: string): string
  /** Every message in this person's chats, oldest first, with the card as it looks now. */
  chat(personId: string): ChatMessage[]
  message(messageId: string): ChatMessage
  /** Presses a button on a card the way the client does. Throws when there is no such message or button. */
  press(
    personId: string,
    messageId: string,
    button: ControlMatcher | number,
    options?: PressOptions,
  ): Promise<PressResult>
  /**
   * Writes to the bot; the event is retried on the sandbox's clock as the platform does. `group` is for DingTalk: the id or
   * title of a group in which the bot is mentioned; one that is not there yet is made, with this person alone in it.
   */
  say(personId: string, text: string, options?: { appId?: string; group?: string }): Promise<SaidMessage>
  /** Opens the chat with the bot: the event is pushed the first time. */
  enterChat(personId: string, appId?: string): Promise<EventDelivery | undefined>
  /** Makes the URL verification that the console makes when a request address is saved. */
  verifyUrl(appId: string): Promise<{ ok: boolean; status: number; answer: string }>
  /** Seals any body as a push of this app, right or deliberately wrong; nothing is sent. */
  signedCallback(appId: string, body: JsonObject | string, overrides?: SealOverrides): Sealed
  /** Where an app's pushes go; the server's port is often known only after the sandbox has started. */
  configureApp(appId: string, change: AppChange): void
  /** Changes what a person may do, for example `{ availableTo: false }`. */
  configurePerson(personId: string, change: PersonChange): void
  /** Now on the platforms' clock. */
  now(): number
  /** Moves the platforms' clock; due retries happen before this resolves. The wall clock and signatures stay. */
  advance(ms: number): Promise<void>
  /** The first truthy answer of the predicate, asked after every change. Rejects after `timeoutMs` (5 s). */
  waitFor<T>(predicate: (sandbox: Sandbox) => T, timeoutMs?: number): Promise<T>
  /** Forgets messages, wire, faults, uuids and rate windows; people, apps and tokens stay. */
  reset(): void
  close(): Promise<void>
}
