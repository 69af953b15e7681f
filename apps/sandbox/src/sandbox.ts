import type { Server } from 'node:http'
import { createChanges, waitForChange } from './changes.ts'
import { createClock } from './clock.ts'
import type { Core } from './core.ts'
import { createFaults, type Faults } from './faults.ts'
import { Groups } from './groups/groups.ts'
import { createGroupsSandbox, type GroupsSandbox } from './groups/sandbox.ts'
import { sayInGroup } from './groups/say.ts'
import { createApp } from './http/app.ts'
import { acceptSockets, closeServers, listen } from './http/listen.ts'
import { createWebViews } from './http/web-view.ts'
import { isObject, type JsonObject } from './json.ts'
import type { AppChange, PersonChange, SaidMessage, Sandbox, SandboxOptions } from './library.ts'
import { documentedLimits, type Limits } from './limits.ts'
import { createDingtalkPlatform, type DingtalkPlatform } from './platforms/dingtalk/platform.ts'
import { createDingtalkSandbox, type DingtalkSandbox, pressOnDingtalk } from './platforms/dingtalk/sandbox.ts'
import { documentedDingtalkSettings } from './platforms/dingtalk/settings.ts'
import type { Sealed, SealOverrides } from './platforms/lark/callbacks.ts'
import type { EventDelivery } from './platforms/lark/events.ts'
import type { LongConnections } from './platforms/lark/long-connection.ts'
import { createLarkPlatform, type LarkPlatform } from './platforms/lark/platform.ts'
import type { ControlMatcher, PressOptions, PressResult } from './platforms/lark/press.ts'
import { createPoster } from './post.ts'
import { type Platform, parseSeed } from './seed.ts'
import {
  clearServices,
  createServiceSandboxes,
  createServices,
  exportServices,
  restoreServices,
  type ServiceSandboxes,
  type Services,
} from './services.ts'
import { keepSnapshot, loadSnapshot, type Snapshot } from './snapshot.ts'
import { createWire, type WireEntry } from './wire.ts'
import { type App, type Bot, type ChatMessage, type DingtalkApp, type Person, World } from './world.ts'

export type { AppChange, PersonChange, SaidMessage, Sandbox, SandboxAction, SandboxOptions } from './library.ts'

const DEFAULT_PORT = 8090
const DEFAULT_WAIT_MS = 5_000

/** Starts the sandbox and resolves once it listens. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const changes = createChanges()
  const snapshot = options.dataFile === undefined ? undefined : loadSnapshot(options.dataFile)
  const seed = parseSeed(options.seed)
  const world = new World(seed)
  const core: Core = {
    changes,
    world,
    groups: new Groups(changes, world, seed.groups),
    clock: createClock(options.now ?? Date.now, snapshot?.clockOffsetMs),
    faults: createFaults(changes),
    wire: createWire(changes),
    limits: { ...documentedLimits, ...options.limits },
  }
  const poster = createPoster()
  const platforms = {
    lark: createLarkPlatform(core, poster),
    dingtalk: createDingtalkPlatform(core, poster, {
      ...structuredClone(documentedDingtalkSettings),
      ...options.dingtalk,
    }),
  }
  for (const robot of seed.dingtalkGroupRobots) platforms.dingtalk.groupRobots.robots.add(robot)
  const services = createServices(core, seed, options)
  if (snapshot !== undefined) restore(core, platforms, services, snapshot)

  const host = options.host ?? '127.0.0.1'
  const webViews = createWebViews(core, platforms.dingtalk.bridge)
  const app = createApp({
    core,
    ...platforms,
    services,
    webViews,
    actions: options.actions ?? [],
    sandbox: () => sandbox,
  })
  const servers: Server[] = await listen(app, host, options.port ?? DEFAULT_PORT)
  acceptSockets(servers, [
    platforms.lark.longConnections.take,
    (...request) => platforms.dingtalk.stream.upgrade(...request),
  ])
  const address = servers[0]?.address()
  const port = isObject(address) && typeof address.port === 'number' ? address.port : 0
  const smtpPort = await services.mail.listen(host === 'localhost' ? '127.0.0.1' : host, options.smtpPort ?? 0)
  const keeper =
    options.dataFile === undefined
      ? undefined
      : keepSnapshot(options.dataFile, changes, () => takeSnapshot(core, platforms, services))

  const close = async () => {
    core.clock.clear()
    keeper?.close()
    poster.close()
    platforms.lark.longConnections.close()
    platforms.dingtalk.close()
    await services.mail.close()
    await webViews.close()
    await closeServers(servers)
  }
  const sandbox = new RunningSandbox(core, { ...platforms, services }, { host, port, smtpPort }, close)
  return sandbox
}

interface Platforms {
  lark: LarkPlatform
  dingtalk: DingtalkPlatform
}

interface Everything extends Platforms {
  services: Services
}

/** The library's face: finds what is named, then leaves the work to world, clock and platform. */
class RunningSandbox implements Sandbox {
  readonly url: string
  readonly port: number
  readonly longConnections: LongConnections
  readonly faults: Faults
  readonly wire: readonly WireEntry[]
  readonly limits: Limits
  readonly dingtalk: DingtalkSandbox
  readonly groups: GroupsSandbox
  readonly wecom: ServiceSandboxes['wecom']
  readonly sms: ServiceSandboxes['sms']
  readonly mail: ServiceSandboxes['mail']
  readonly webhooks: ServiceSandboxes['webhooks']
  readonly openid: ServiceSandboxes['openid']
  readonly #core: Core
  readonly #lark: LarkPlatform
  readonly #dingtalk: DingtalkPlatform
  readonly #services: Services
  readonly #close: () => Promise<void>

  constructor(
    core: Core,
    { lark, dingtalk, services }: Everything,
    address: { host: string; port: number; smtpPort: number },
    close: () => Promise<void>,
  ) {
    this.url = `http://${address.host}:${address.port}`
    this.port = address.port
    this.longConnections = lark.longConnections
    this.faults = core.faults
    this.wire = core.wire.entries
    this.limits = core.limits
    this.#core = core
    this.#lark = lark
    this.#dingtalk = dingtalk
    this.dingtalk = createDingtalkSandbox(core, dingtalk, this.url)
    this.#services = services
    this.groups = createGroupsSandbox(core.groups)
    const smtp = { host: address.host, port: address.smtpPort }
    services.openid.moveTo(this.url)
    const { wecom, sms, mail, webhooks, openid } = createServiceSandboxes(core, services, this.url, smtp)
    this.wecom = wecom
    this.sms = sms
    this.mail = mail
    this.webhooks = webhooks
    this.openid = openid
    this.#close = close
  }

  baseUrl(platform: Platform): string {
    return `${this.url}/${platform}`
  }

  jsSdkUrl(platform: Platform): string {
    return `${this.url}/${platform}/h5-js-sdk.js`
  }

  person(personId: string): Person {
    return this.#core.world.people.get(personId) ?? missing('person', personId)
  }

  app(appId: string): App {
    return this.#core.world.apps.get(appId) ?? missing('app', appId)
  }

  message(messageId: string): ChatMessage {
    return this.#core.world.messages.get(messageId) ?? missing('message', messageId)
  }

  openId(personId: string, appId?: string): string {
    return this.#core.world.openId(this.#larkAppOf(personId, appId), this.person(personId))
  }

  chat(personId: string): ChatMessage[] {
    return this.#core.world.messagesOf(this.person(personId).id)
  }

  async press(
    personId: string,
    messageId: string,
    button: ControlMatcher | number,
    options: PressOptions = {},
  ): Promise<PressResult> {
    const message = this.message(messageId)
    const person = this.person(personId)
    if (message.personId !== personId) throw new Error(`Message ${messageId} is not in the chat of ${personId}.`)
    if (message.platform === 'dingtalk') {
      return pressOnDingtalk(this.#dingtalk, this.dingtalk.app(message.appId), person, message, button, options)
    }
    const matcher = typeof button === 'number' ? nth(button) : button
    return this.#lark.pressing.press(this.app(message.appId), person, message, matcher, options)
  }

  async say(personId: string, text: string, options: { appId?: string; group?: string } = {}): Promise<SaidMessage> {
    const app = this.#botOf(personId, options.appId)
    const person = this.person(personId)
    if (options.group !== undefined) {
      return sayInGroup(this.#core, this.#dingtalk.messagesIn, app, person, {
        text,
        group: options.group,
        origin: this.url,
      })
    }
    const message = this.#core.world.addMessage(app, person, {
      from: 'person',
      msgType: 'text',
      content: JSON.stringify({ text }),
      createdAt: this.now(),
    })
    this.#core.changes.announce({ kind: 'message', personId, messageId: message.messageId })
    const event =
      app.platform === 'dingtalk'
        ? await this.#dingtalk.messagesIn.said(app, person, { text, conversation: message }, this.url)
        : await this.#lark.events.messageReceived(app, person, message)
    return { message, event }
  }

  async enterChat(personId: string, appId?: string): Promise<EventDelivery | undefined> {
    const app = this.#botOf(personId, appId)
    const person = this.person(personId)
    const chat = this.#core.world.chatWith(app, person)
    if (chat.entered) return undefined
    chat.entered = true
    // DingTalk has no such event.
    if (app.platform === 'dingtalk') return undefined
    return this.#lark.events.chatEntered(app, person, chat.chatId)
  }

  async verifyUrl(appId: string): Promise<{ ok: boolean; status: number; answer: string }> {
    const { ok, push } = await this.#lark.events.verifyUrl(this.app(appId))
    return { ok, status: push.answer.status, answer: push.answer.body }
  }

  signedCallback(appId: string, body: JsonObject | string, overrides?: SealOverrides): Sealed {
    return this.#lark.callbacks.seal(this.app(appId), body, overrides)
  }

  configureApp(appId: string, change: AppChange): void {
    Object.assign(this.app(appId), change)
  }

  configurePerson(personId: string, change: PersonChange): void {
    Object.assign(this.person(personId), change)
  }

  now(): number {
    return this.#core.clock.now()
  }

  async advance(ms: number): Promise<void> {
    await this.#core.clock.advance(ms)
    this.#core.changes.announce({ kind: 'clock' })
  }

  waitFor<T>(predicate: (sandbox: Sandbox) => T, timeoutMs = DEFAULT_WAIT_MS): Promise<T> {
    return waitForChange(this.#core.changes, () => predicate(this), timeoutMs)
  }

  reset(): void {
    const { world, wire, faults, clock, changes } = this.#core
    world.forgetMessages()
    wire.clear()
    faults.clear()
    clock.clear()
    this.#lark.clear()
    this.#dingtalk.clear()
    this.#core.groups.clear()
    clearServices(this.#services)
    changes.announce({ kind: 'reset' })
  }

  close(): Promise<void> {
    return this.#close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The named app, or the first one of the person's own platform and company. */
  #botOf(personId: string, appId?: string): App | DingtalkApp {
    const { world } = this.#core
    const person = this.person(personId)
    const isOwn = (app: Bot) => app.platform === person.platform && app.tenantKey === person.tenantKey
    const apps = [...world.apps.values(), ...world.dingtalkApps.values()]
    const found = apps.find((app) => (appId === undefined ? isOwn(app) : app.appId === appId))
    return found ?? missing(appId === undefined ? 'app for' : 'app', appId ?? personId)
  }

  #larkAppOf(personId: string, appId?: string): App {
    return this.app(this.#botOf(personId, appId).appId)
  }
}

function takeSnapshot(core: Core, { lark, dingtalk }: Platforms, services: Services): Snapshot {
  const { world, clock } = core
  return {
    version: 1,
    clockOffsetMs: clock.offset(),
    messages: [...world.messages.values()],
    tokens: lark.tokens.export(),
    uuids: lark.messages.exportUuids(),
    dingtalk: dingtalk.export(),
    services: exportServices(core, services),
  }
}

function restore(core: Core, { lark, dingtalk }: Platforms, services: Services, snapshot: Snapshot): void {
  for (const message of snapshot.messages) core.world.restoreMessage(message)
  lark.tokens.restore(snapshot.tokens)
  lark.messages.restoreUuids(snapshot.uuids)
  if (snapshot.dingtalk !== undefined) dingtalk.restore(snapshot.dingtalk)
  if (snapshot.services !== undefined) restoreServices(core, services, snapshot.services)
}

/** The button at this place among a card's buttons. */
function nth(index: number): ControlMatcher {
  let position = -1
  return () => {
    position += 1
    return position === index
  }
}

function missing(what: string, id: string): never {
  throw new Error(`The sandbox has no ${what} ${id}.`)
}
