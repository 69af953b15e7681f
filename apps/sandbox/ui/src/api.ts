import type { Fault, FaultSetting } from '../../src/faults.ts'
import type { Group, GroupMessage } from '../../src/groups/groups.ts'
import type { GroupRobot } from '../../src/platforms/dingtalk/group-robot/robots.ts'
import type { CardNode } from '../../src/platforms/dingtalk/template/drawn-card.ts'
import type { Coverage, PushCoverage } from '../../src/platforms/lark/coverage.ts'
import type { PressResult } from '../../src/platforms/lark/press.ts'
import type { MailMessage } from '../../src/platforms/mail/inbox.ts'
import type { SmsMessage } from '../../src/platforms/sms/inbox.ts'
import type { WebhookAnswer } from '../../src/platforms/webhook/answers.ts'
import type { WebhookCall } from '../../src/platforms/webhook/calls.ts'
import type { Receiver } from '../../src/platforms/webhook/platform.ts'
import type { WecomRobot } from '../../src/platforms/wecom/robots.ts'
import type { AnyPlatform } from '../../src/seed.ts'
import type { WireEntry } from '../../src/wire.ts'
import type { ChatMessage } from '../../src/world.ts'

export interface PhonePerson {
  id: string
  name: string
  platform: AnyPlatform
  /** Of the person's company, on DingTalk. */
  edition?: 'standard' | 'exclusive'
  locale: string
  avatarColor?: string
  availableTo?: boolean
  stoppedBot?: boolean
  tenantKey: string
  email?: string
  mobile?: string
}

/** A group as one of its members sees it. */
export interface PhoneGroup extends Pick<Group, 'id' | 'platform' | 'title' | 'state'> {
  members: { id: string; name: string; avatarColor?: string; userId: string; mobile?: string }[]
  messages: GroupMessage[]
}

/** Robots of groups, and what the drawer says about them. */
export interface Robots {
  dingtalk: (GroupRobot & { url: string; blockedUntil: number | null })[]
  wecom: (WecomRobot & { url: string })[]
}

export type ShownReceiver = Receiver & { url: string; calls: number }

export interface PhoneApp {
  appId: string
  platform: AnyPlatform
  /** DingTalk's. */
  edition?: 'standard' | 'exclusive'
  name: string
  homeUrl?: string
  callbackUrl: string
  /** The company whose people have it. */
  tenantKey: string
}

/** A message; a DingTalk card comes drawn from its template. */
export type ShownMessage = ChatMessage & { drawn?: CardNode[] }

/** What a DingTalk app has used of its organisation's month, and who is connected. Zero limits nothing. */
export interface DingtalkUse {
  usage: { month: string; calls: number; pushes: number }
  limits: { calls: number; pushes: number }
  connections: { id: string; isLeaving: boolean }[]
}

export interface SmsService {
  endpoint: string
  accounts: { accessKeyId: string; state: string }[]
}

export interface MailService {
  host: string
  port: number
  settings: { startTls: 'offer' | 'hide'; plainText: 'accept' | 'refuse'; unknownMailboxes: 'refuse' | 'accept' }
}

export interface SandboxState {
  now: number
  offsetMs: number
  people: PhonePerson[]
  apps: PhoneApp[]
  actions: { id: string; label: string }[]
  faults: Fault[]
  faultKinds: Fault['kind'][]
}

/** The control API of the same origin; it is our own, so its answers are taken as typed. */
async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const value = text === '' ? {} : JSON.parse(text)
  if (!response.ok) throw new Error(typeof value.error === 'string' ? value.error : `HTTP ${response.status}`)
  return value
}

export const api = {
  state: () => call<SandboxState>('GET', '/state'),
  chat: (person: string) => call<{ messages: ShownMessage[] }>('GET', `/people/${person}/chat`),
  enter: (person: string) => call<{ state: string }>('POST', `/people/${person}/enter`),
  press: (input: {
    person: string
    messageId: string
    index: number
    formValues?: Record<string, string>
    confirm?: boolean
  }) => call<PressResult>('POST', '/press', input),
  readBuzz: (person: string, messageId: string) => call<object>('POST', `/people/${person}/buzzes/${messageId}`, {}),
  say: (person: string, text: string, group?: string) =>
    call<{ messageId: string }>('POST', '/say', { person, text, ...(group === undefined ? {} : { group }) }),
  groups: (person: string) => call<{ groups: PhoneGroup[] }>('GET', `/people/${person}/groups`),
  sms: (person: string) => call<{ messages: SmsMessage[] }>('GET', `/people/${person}/sms`),
  mail: (person: string) => call<{ messages: MailMessage[] }>('GET', `/people/${person}/mail`),
  robots: () => call<Robots>('GET', '/robots'),
  setDingtalkRobot: (id: string, state: GroupRobot['state']) =>
    call<object>('POST', `/dingtalk/group-robots/${id}`, { state }),
  setWecomRobot: (id: string, state: WecomRobot['state']) => call<object>('POST', `/wecom/robots/${id}`, { state }),
  smsService: () => call<SmsService>('GET', '/sms'),
  setSmsAccount: (key: string, state: string) => call<object>('POST', `/sms/accounts/${key}`, { state }),
  mailService: () => call<MailService>('GET', '/mail'),
  setMail: (settings: Partial<MailService['settings']>) => call<object>('POST', '/mail/settings', settings),
  receivers: () => call<{ receivers: ShownReceiver[] }>('GET', '/webhooks'),
  webhookCalls: (id: string) => call<{ calls: WebhookCall[] }>('GET', `/webhooks/${id}/calls`),
  answerWebhook: (id: string, answer: WebhookAnswer, times?: number) =>
    call<object>('POST', `/webhooks/${id}/answer`, { answer, ...(times === undefined ? {} : { times }) }),
  webView: (person: string, url: string) =>
    call<{ frameUrl: string; viewOrigin?: string }>('POST', `/people/${person}/web-view`, { url }),
  bridge: (input: { person: string; operation: string; input: unknown; url: string }) =>
    call<Record<string, unknown>>('POST', '/bridge', input),
  addFault: (setting: FaultSetting) => call<{ id: string }>('POST', '/faults', setting),
  clearFault: (id: string) => call<object>('DELETE', `/faults/${id}`),
  wire: (since: number) => call<{ entries: WireEntry[] }>('GET', `/wire?since=${since}`),
  dingtalkUse: (appKey: string) => call<DingtalkUse>('GET', `/dingtalk/apps/${appKey}`),
  dingtalkConnection: (appKey: string, action: 'cut' | 'disconnect') =>
    call<object>('POST', '/dingtalk/connections', { appKey, action }),
  advance: (ms: number) => call<{ now: number; offsetMs: number }>('POST', '/advance', { ms }),
  reset: () => call<object>('POST', '/reset', {}),
  run: (action: string) => call<{ text: string }>('POST', `/actions/${action}`, {}),
  coverage: () =>
    call<{ coverage: Coverage[]; pushCoverage: PushCoverage[]; drawnComponents: string[] }>('GET', '/coverage'),
}
