import { freshId, stableId } from './ids.ts'
import type { JsonObject } from './json.ts'
import { Organisations } from './organisations.ts'
import {
  type AnyPlatform,
  defaultDingtalkScopes,
  defaultScopes,
  type SeedApp,
  type SeedDepartment,
  type SeedDingtalkApp,
  type SeedPerson,
} from './seed.ts'

/** An app as the platform's console knows it. */
export interface App extends SeedApp {
  scopes: string[]
  tenantKey: string
  botOpenId: string
}

/** A DingTalk app. For chats it is one more bot; `appId` is its client id. */
export interface DingtalkApp extends SeedDingtalkApp {
  platform: 'dingtalk'
  appId: string
  tenantKey: string
  robotCode: string
  scopes: string[]
}

/** What every app has in common: a bot that people of one company chat with. */
export type Bot = Pick<App | DingtalkApp, 'platform' | 'appId' | 'tenantKey' | 'name' | 'homeUrl' | 'redirectUrls'>

/** A person of one platform. Ids are per app (`open_id`), per developer (`union_id`) and per company (`user_id`). */
export interface Person extends SeedPerson {
  tenantKey: string
  unionId: string
  userId: string
}

/** One state a card has been in, and what put it there. */
export interface CardVersion {
  at: number
  by: 'send' | 'patch' | 'answer' | 'delayed-update'
  card: JsonObject
}

/** A message in somebody's chat with a bot, whoever wrote it. */
export interface ChatMessage {
  messageId: string
  chatId: string
  appId: string
  platform: AnyPlatform
  /** The person whose chat it stands in. */
  personId: string
  from: 'bot' | 'person'
  msgType: string
  /** As sent: a JSON string, parsed by nobody but its reader. */
  content: string
  /** The card as it looks now; absent for anything but `interactive`. */
  card?: JsonObject
  /** Every state of the card, oldest first, bounded. */
  versions: CardVersion[]
  uuid?: string
  parentId?: string
  createdAt: number
  updatedAt: number
  updated: boolean
  state: 'shown' | 'recalled' | 'deleted'
  /** Set once the bot buzzed the receiver about it. */
  buzzed?: boolean
  /** The receiver has seen that. */
  buzzRead?: boolean
}

/** A person's chat with one bot. */
export interface Chat {
  chatId: string
  appId: string
  personId: string
  messageIds: string[]
  entered: boolean
}

/** Enough to see a card's whole life in a test, small enough to keep thousands of cards. */
const KEPT_VERSIONS = 40

/** Apps, people and messages, indexed so that every look-up is one step however many there are. */
export class World {
  readonly apps = new Map<string, App>()
  /** By client id. */
  readonly dingtalkApps = new Map<string, DingtalkApp>()
  readonly people = new Map<string, Person>()
  readonly organisations: Organisations
  readonly messages = new Map<string, ChatMessage>()
  readonly chats = new Map<string, Chat>()
  /** Chats by person, newest activity last. */
  readonly #chatsOf = new Map<string, Chat[]>()
  /** `${appId}|${idType}|${id}` to the person. */
  readonly #byPlatformId = new Map<string, Person>()

  constructor(seed: {
    apps: SeedApp[]
    people: SeedPerson[]
    dingtalkApps?: SeedDingtalkApp[]
    departments?: SeedDepartment[]
  }) {
    for (const app of seed.apps) this.addApp(app)
    for (const app of seed.dingtalkApps ?? []) this.addDingtalkApp(app)
    for (const person of seed.people) this.addPerson(person)
    const [company] = [...this.dingtalkApps.values()]
    this.organisations = new Organisations(
      this.people,
      (seed.departments ?? []).map(({ tenantKey, ...department }) => ({
        ...department,
        tenantKey:
          tenantKey ??
          (department.platform === 'dingtalk' ? (company?.corpId ?? '') : defaultTenantKey(department.platform)),
      })),
    )
  }

  addApp(seed: SeedApp): App {
    const app: App = {
      ...seed,
      scopes: seed.scopes ?? defaultScopes,
      tenantKey: seed.tenantKey ?? defaultTenantKey(seed.platform),
      botOpenId: stableId('ou_', seed.appId, 'bot'),
    }
    this.apps.set(app.appId, app)
    for (const person of this.people.values()) this.#introduce(app, person)
    return app
  }

  addDingtalkApp(seed: SeedDingtalkApp): DingtalkApp {
    const app: DingtalkApp = {
      ...seed,
      platform: 'dingtalk',
      appId: seed.appKey,
      tenantKey: seed.corpId,
      robotCode: seed.robotCode ?? seed.appKey,
      scopes: seed.scopes ?? defaultDingtalkScopes,
    }
    this.dingtalkApps.set(app.appKey, app)
    return app
  }

  /** Every app of every platform. */
  bots(): Bot[] {
    return [...this.apps.values(), ...this.dingtalkApps.values()]
  }

  addPerson(seed: SeedPerson): Person {
    const person: Person = seed.platform === 'dingtalk' ? this.#dingtalkPerson(seed) : larkPerson(seed)
    this.people.set(person.id, person)
    this.#chatsOf.set(person.id, [])
    for (const app of this.apps.values()) this.#introduce(app, person)
    return person
  }

  /** The id of this person as this app sees it. */
  openId(app: App, person: Person): string {
    return stableId('ou_', app.appId, person.id)
  }

  /** The person behind an id, if that app's company has them. `type` is a platform id type, an e-mail or a mobile. */
  find(app: App, type: string, id: string): Person | undefined {
    return this.#byPlatformId.get(`${app.appId}|${type}|${type === 'email' ? id.toLowerCase() : id}`)
  }

  /** The chat of a person with a bot; it exists from the first look. */
  chatWith(app: Pick<Bot, 'appId'>, person: Person): Chat {
    const chatId = stableId('oc_', app.appId, person.id)
    const known = this.chats.get(chatId)
    if (known !== undefined) return known
    const chat: Chat = { chatId, appId: app.appId, personId: person.id, messageIds: [], entered: false }
    this.chats.set(chatId, chat)
    this.#chatsOf.get(person.id)?.push(chat)
    return chat
  }

  chatsOf(personId: string): Chat[] {
    return this.#chatsOf.get(personId) ?? []
  }

  /** Every message a person has with any bot, oldest first. */
  messagesOf(personId: string): ChatMessage[] {
    return this.chatsOf(personId)
      .flatMap((chat) => chat.messageIds)
      .flatMap((id) => this.messages.get(id) ?? [])
      .sort((one, other) => one.createdAt - other.createdAt)
  }

  addMessage(app: Pick<Bot, 'appId' | 'platform'>, person: Person, message: NewMessage): ChatMessage {
    const chat = this.chatWith(app, person)
    const stored: ChatMessage = {
      messageId: freshId('om_'),
      chatId: chat.chatId,
      appId: app.appId,
      platform: app.platform,
      personId: person.id,
      versions: [],
      updatedAt: message.createdAt,
      updated: false,
      state: 'shown',
      ...message,
    }
    if (message.card !== undefined) stored.versions.push({ at: message.createdAt, by: 'send', card: message.card })
    this.messages.set(stored.messageId, stored)
    chat.messageIds.push(stored.messageId)
    return stored
  }

  /** Shows another card in the place of the old one. */
  replaceCard(message: ChatMessage, card: JsonObject, by: CardVersion['by'], at: number): void {
    message.card = card
    message.updated = true
    message.updatedAt = at
    message.versions.push({ at, by, card })
    if (message.versions.length > KEPT_VERSIONS) message.versions.splice(1, 1)
  }

  /** Takes back a message that was stored by an earlier run. */
  restoreMessage(message: ChatMessage): void {
    const app = this.apps.get(message.appId) ?? this.dingtalkApps.get(message.appId)
    const person = this.people.get(message.personId)
    // A changed seed may no longer have them; their messages leave with them.
    if (app === undefined || person === undefined) return
    this.messages.set(message.messageId, message)
    this.chatWith(app, person).messageIds.push(message.messageId)
  }

  forgetMessages(): void {
    this.messages.clear()
    for (const chat of this.chats.values()) {
      chat.messageIds = []
      chat.entered = false
    }
  }

  /** Ids in the platform's shapes: a staff id of digits, a union id of 24 letters that ends like an unpadded Base64. */
  #dingtalkPerson(seed: SeedPerson): Person {
    const digits = BigInt(`0x${stableId('', seed.platform, 'user', seed.id).slice(0, 14)}`)
    return {
      ...seed,
      tenantKey: seed.tenantKey ?? [...this.dingtalkApps.values()][0]?.corpId ?? '',
      unionId: `${stableId('', seed.platform, 'union', seed.id).slice(0, 22)}iE`,
      userId: seed.userId ?? `01${digits}`.padEnd(19, '0').slice(0, 19),
    }
  }

  #introduce(app: App, person: Person): void {
    if (app.platform !== person.platform || app.tenantKey !== person.tenantKey) return
    const put = (type: string, id: string | undefined) => {
      if (id !== undefined && id !== '') this.#byPlatformId.set(`${app.appId}|${type}|${id}`, person)
    }
    put('open_id', this.openId(app, person))
    put('union_id', person.unionId)
    put('user_id', person.userId)
    put('email', person.email?.toLowerCase())
    // Mainland numbers are looked up bare, all others with their country code (batch_get_id page).
    put('mobile', person.mobile?.replace(/^\+86/, ''))
  }
}

type NewMessage = Pick<ChatMessage, 'from' | 'msgType' | 'content' | 'createdAt'> &
  Partial<Pick<ChatMessage, 'card' | 'uuid' | 'parentId'>>

function larkPerson(seed: SeedPerson): Person {
  return {
    ...seed,
    tenantKey: seed.tenantKey ?? defaultTenantKey(seed.platform),
    unionId: stableId('on_', seed.platform, seed.id),
    userId: stableId('', seed.platform, 'user', seed.id).slice(0, 8),
  }
}

function defaultTenantKey(platform: AnyPlatform): string {
  return stableId('', platform, 'tenant').slice(0, 16)
}
