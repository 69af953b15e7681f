import type { Core } from '#sandbox/core.ts'
import type { GroupMessage } from '#sandbox/groups/groups.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { ControlMatcher, PressOptions, PressResult } from '#sandbox/platforms/lark/press.ts'
import type { ChatMessage, DingtalkApp, Person } from '#sandbox/world.ts'
import type { CallbackRoute } from './cards/callback-routes.ts'
import { signatureHeaders } from './cards/callbacks.ts'
import { pushEvent, type StreamEvent } from './events.ts'
import type { GroupRobot } from './group-robot/robots.ts'
import type { NewGroupRobot } from './group-robot/seed.ts'
import type { BridgeAnswer } from './login/bridge.ts'
import type { DingtalkPlatform } from './platform.ts'
import type { Usage } from './quota.ts'
import type { DingtalkSettings } from './settings.ts'
import { signCardCallback, signRobotMessage } from './signatures.ts'
import type { StreamConnection } from './stream/connection.ts'
import type { CardButton, CardNode } from './template/drawn-card.ts'

/** What an administrator may change in DingTalk's consoles. */
export type DingtalkAppChange = Partial<
  Pick<
    DingtalkApp,
    | 'appSecret'
    | 'agentId'
    | 'robotCode'
    | 'robotMode'
    | 'robotUrl'
    | 'redirectUrls'
    | 'homeUrl'
    | 'scopes'
    | 'isPublished'
    | 'contactRange'
  >
>

/** Everything of the sandbox that only DingTalk has. */
export interface DingtalkSandbox {
  /** Stands in for `https://api.dingtalk.com`. */
  readonly apiUrl: string
  /** Stands in for `https://oapi.dingtalk.com`. */
  readonly oapiUrl: string
  /** Stands in for `https://login.dingtalk.com`. */
  readonly loginUrl: string
  /** May be changed at any time. */
  readonly settings: DingtalkSettings
  app(appKey: string): DingtalkApp
  configureApp(appKey: string, change: DingtalkAppChange): void
  /** Imports a template file as an administrator does in the card platform; gives its id. */
  importTemplate(appKey: string, file: string | JsonObject, templateId?: string): string
  /** Publishes a template, or takes it back to a draft. An imported one counts as published. */
  publishTemplate(appKey: string, templateId: string, isPublished: boolean): void
  /** The card of a message as its reader sees it. */
  draw(messageId: string): CardNode[]
  /** What the app's organisation has used of its month. */
  usage(appKey: string): Usage
  /** What the server has registered under a route key. */
  callbackRoute(appKey: string, routeKey: string): CallbackRoute | undefined
  /** Headers and body of a card callback as this platform would send it, or wrong where told; nothing is sent. */
  signedCardCallback(appKey: string, routeKey: string, body: JsonObject, wrong?: SignedOverrides): SignedBody
  /** The same for a message to the robot. */
  signedRobotMessage(appKey: string, body: JsonObject, wrong?: SignedOverrides): SignedBody
  /** Stream connections of an app that are open. */
  connections(appKey: string): readonly StreamConnection[]
  /** Tells the app's connections to leave, as the platform does when it moves them. */
  disconnect(appKey: string, reason?: string): void
  /** Breaks the app's connections without a word. */
  cut(appKey: string): void
  /** Pings the app's connections; true when there are some and all of them answered. */
  ping(appKey: string): Promise<boolean>
  pushEvent(appKey: string, eventType: string, data: JsonObject): Promise<StreamEvent>
  /** Every custom group robot, with its settings. */
  groupRobots(): GroupRobot[]
  groupRobot(robotId: string): GroupRobot
  /** The address that the group's settings page gives out, without signature. */
  groupRobotUrl(robotId: string): string
  /** Adds a robot to a group as a member does; gives its address. */
  addGroupRobot(robot: NewGroupRobot): string
  /** Changes a robot in its group's settings: keywords, secret, addresses, or that it is stopped. */
  configureGroupRobot(robotId: string, change: GroupRobotChange): void
  /** When a robot that was too fast may speak again, milliseconds since the epoch; undefined when it may. */
  groupRobotBlockedUntil(robotId: string): number | undefined
  /** What this robot has said in its group, oldest first. */
  robotMessages(robotId: string): GroupMessage[]
  /** What a page at `pageUrl` in this person's client is answered by the JS bridge. */
  bridge(personId: string, operation: string, input: JsonObject, pageUrl: string): BridgeAnswer
}

export type GroupRobotChange = Partial<Pick<GroupRobot, 'keywords' | 'secret' | 'allowedIps' | 'state' | 'unsafeWords'>>

export interface SignedOverrides {
  /** Milliseconds since the epoch as text. */
  timestamp?: string
  signature?: string
  /** Signs with another secret. */
  secret?: string
}

export interface SignedBody {
  headers: Record<string, string>
  body: string
}

export function createDingtalkSandbox(core: Core, platform: DingtalkPlatform, url: string): DingtalkSandbox {
  const { world } = core
  const app = (appKey: string) => world.dingtalkApps.get(appKey) ?? missing('DingTalk app', appKey)
  const person = (personId: string) => world.people.get(personId) ?? missing('person', personId)
  const base = `${url}/dingtalk`
  const urlOf = ({ accessToken }: GroupRobot) => `${base}/oapi/robot/send?access_token=${accessToken}`
  const json = { 'content-type': 'application/json; charset=utf-8' }
  return {
    apiUrl: `${base}/api`,
    oapiUrl: `${base}/oapi`,
    loginUrl: `${base}/login`,
    settings: platform.settings,
    app,
    configureApp: (appKey, change) => void Object.assign(app(appKey), change),
    importTemplate: (appKey, file, templateId) => platform.templates.import(app(appKey), file, templateId),
    publishTemplate: (appKey, templateId, isPublished) =>
      platform.templates.publish(app(appKey), templateId, isPublished),
    draw: (messageId) => {
      const message = world.messages.get(messageId) ?? missing('message', messageId)
      return platform.pressing.draw(message, person(message.personId))
    },
    usage: (appKey) => ({ ...platform.quota.usageOf(app(appKey).corpId) }),
    callbackRoute: (appKey, routeKey) => platform.callbackRoutes.find(app(appKey), routeKey),
    signedCardCallback: (appKey, routeKey, body, { timestamp, signature, secret } = {}) => {
      const route = platform.callbackRoutes.find(app(appKey), routeKey) ?? missing('callback route', routeKey)
      const key = secret ?? route.apiSecret
      const signed = signatureHeaders(core, key)
      const at = timestamp ?? signed['x-ddpaas-signature-timestamp'] ?? ''
      const value = signature ?? (key === undefined ? '' : signCardCallback(at, key))
      const headers = { ...json, 'x-ddpaas-signature-timestamp': at, 'x-ddpaas-signature': value }
      return { headers: value === '' ? json : headers, body: JSON.stringify(body) }
    },
    signedRobotMessage: (appKey, body, { timestamp, signature, secret } = {}) => {
      const at = timestamp ?? String(core.clock.wallNow())
      const sign = signature ?? signRobotMessage(at, secret ?? app(appKey).appSecret)
      return { headers: { ...json, timestamp: at, sign }, body: JSON.stringify(body) }
    },
    connections: (appKey) => platform.stream.connections(app(appKey).appKey),
    disconnect: (appKey, reason) => platform.stream.disconnect(app(appKey).appKey, reason),
    cut: (appKey) => platform.stream.cut(app(appKey).appKey),
    ping: (appKey) => platform.stream.ping(app(appKey).appKey),
    pushEvent: (appKey, eventType, data) => pushEvent(core, platform.stream, app(appKey), eventType, data),
    groupRobots: () => platform.groupRobots.robots.all(),
    groupRobot: (id) => platform.groupRobots.robots.get(id),
    groupRobotUrl: (id) => urlOf(platform.groupRobots.robots.get(id)),
    addGroupRobot: (robot) => {
      core.groups.get(robot.group)
      return urlOf(platform.groupRobots.robots.add(robot))
    },
    configureGroupRobot: (id, change) => void Object.assign(platform.groupRobots.robots.get(id), change),
    groupRobotBlockedUntil: (id) => platform.groupRobots.pace.blockedUntil(id, core.clock.now()),
    robotMessages: (id) => {
      const robot = platform.groupRobots.robots.get(id)
      return core.groups.messages(robot.group).filter(({ from }) => from.kind === 'robot' && from.robotId === robot.id)
    },
    bridge: (personId, operation, input, pageUrl) =>
      platform.bridge.answer(person(personId), operation, input, pageUrl),
  }
}

/** A press on a DingTalk card with the matchers of all platforms: tests of buttons are written against controls. */
export function pressOnDingtalk(
  platform: DingtalkPlatform,
  app: DingtalkApp,
  person: Person,
  message: ChatMessage,
  matcher: ControlMatcher | number,
  options: PressOptions,
): Promise<PressResult> {
  if (typeof matcher !== 'function') return platform.pressing.press(app, person, message, matcher, options)
  const byControl = (button: CardButton) =>
    matcher({
      tag: 'button',
      element: {},
      name: button.actionId,
      texts: [button.text],
      value: button.params,
      isDisabled: button.isDisabled,
      isSubmit: button.sends === 'form',
      isReset: false,
      isRequired: false,
      ...(button.url === '' ? {} : { openUrl: button.url }),
    })
  return platform.pressing.press(app, person, message, byControl, options)
}

function missing(what: string, id: string): never {
  throw new Error(`The sandbox has no ${what} ${id}.`)
}
