import type { Changes } from '#sandbox/changes.ts'
import { freshId, stableId } from '#sandbox/ids.ts'
import type { Person, World } from '#sandbox/world.ts'
import type { GroupPlatform, SeedGroup } from './seed.ts'

/** A conversation of several people, of apps' robots, and of robots that only have an address. */
export interface Group {
  id: string
  platform: GroupPlatform
  title: string
  tenantKey: string
  memberIds: string[]
  /** Absent: every app of the organisation. */
  apps?: string[]
  /** DingTalk's `openConversationId`. */
  conversationId: string
  state: 'active' | 'dissolved'
}

export type GroupSender =
  | { kind: 'person'; personId: string; name: string }
  | { kind: 'app'; appId: string; name: string }
  | { kind: 'robot'; robotId: string; name: string }

/** One message, seen by every member. */
export interface GroupMessage {
  messageId: string
  groupId: string
  from: GroupSender
  msgType: string
  /** The payload of the type as JSON: what stands under the key `msgtype` names. */
  content: string
  mentions: Mentions
  createdAt: number
  state: 'shown' | 'recalled'
}

/** Whom a message calls by name: members by their ids, or everybody. */
export interface Mentions {
  personIds: string[]
  isAll: boolean
}

export const nobodyMentioned: Mentions = { personIds: [], isAll: false }

type NewMessage = Pick<GroupMessage, 'from' | 'msgType' | 'content' | 'createdAt'> & { mentions?: Mentions }

/** More than any test writes into one group; older ones leave. */
const KEPT_MESSAGES = 2_000

/** Groups and what is said in them. */
export class Groups {
  readonly #changes: Changes
  readonly #world: World
  readonly #groups = new Map<string, Group>()
  readonly #messages = new Map<string, GroupMessage[]>()

  constructor(changes: Changes, world: World, seeds: readonly SeedGroup[]) {
    this.#changes = changes
    this.#world = world
    for (const seed of seeds) this.add(seed)
  }

  /** @throws when a member is unknown, or is not of the group's DingTalk organisation. */
  add(seed: SeedGroup): Group {
    if (this.#groups.has(seed.id)) throw new Error(`There is already a group ${seed.id}.`)
    const members = seed.members.map((id) => this.#world.people.get(id) ?? missing('person', id))
    const tenantKey = seed.tenantKey ?? members[0]?.tenantKey ?? ''
    const stranger = members.find((person) => !belongs(person, seed.platform, tenantKey))
    if (stranger !== undefined) throw new Error(`${stranger.id} is not of the organisation of the group ${seed.id}.`)
    const group: Group = {
      id: seed.id,
      platform: seed.platform,
      title: seed.title,
      tenantKey,
      memberIds: members.map(({ id }) => id),
      ...(seed.apps === undefined ? {} : { apps: seed.apps }),
      // Twenty-four letters that end like a padded Base64, as in DingTalk's samples.
      conversationId: `cid${stableId('', seed.platform, 'group', seed.id).slice(0, 22)}==`,
      state: 'active',
    }
    this.#groups.set(group.id, group)
    return group
  }

  all(): Group[] {
    return [...this.#groups.values()]
  }

  get(groupId: string): Group {
    return this.#groups.get(groupId) ?? missing('group', groupId)
  }

  /** By id, or by the name that its members see. */
  find(name: string): Group | undefined {
    return this.#groups.get(name) ?? this.all().find(({ title }) => title === name)
  }

  byConversation(conversationId: string): Group | undefined {
    return this.all().find((group) => group.conversationId === conversationId)
  }

  of(personId: string): Group[] {
    return this.all().filter(({ memberIds }) => memberIds.includes(personId))
  }

  members(group: Group): Person[] {
    return group.memberIds.flatMap((id) => this.#world.people.get(id) ?? [])
  }

  /** Every message of a group, oldest first. */
  messages(groupId: string): GroupMessage[] {
    return [...(this.#messages.get(this.get(groupId).id) ?? [])]
  }

  post(group: Group, draft: NewMessage): GroupMessage {
    const message: GroupMessage = {
      messageId: freshId('msg'),
      groupId: group.id,
      mentions: nobodyMentioned,
      state: 'shown',
      ...draft,
    }
    const messages = this.#messages.get(group.id) ?? []
    messages.push(message)
    if (messages.length > KEPT_MESSAGES) messages.shift()
    this.#messages.set(group.id, messages)
    this.#announce(message)
    return message
  }

  recall(message: GroupMessage): void {
    message.state = 'recalled'
    this.#announce(message)
  }

  /** Forgets what was said; the groups stay, and those that were dissolved are alive again. */
  clear(): void {
    this.#messages.clear()
    for (const group of this.#groups.values()) group.state = 'active'
  }

  export(): GroupMessage[] {
    return [...this.#messages.values()].flat()
  }

  /** Messages of groups that a changed seed no longer has leave with them. */
  restore(messages: readonly GroupMessage[]): void {
    for (const message of messages) {
      if (!this.#groups.has(message.groupId)) continue
      this.#messages.set(message.groupId, [...(this.#messages.get(message.groupId) ?? []), message])
    }
  }

  #announce({ groupId, messageId }: GroupMessage): void {
    this.#changes.announce({ kind: 'group', groupId, messageId })
  }
}

function belongs(person: Person, platform: GroupPlatform, tenantKey: string): boolean {
  return platform === 'wecom' || (person.platform === 'dingtalk' && person.tenantKey === tenantKey)
}

function missing(what: string, id: string): never {
  throw new Error(`The sandbox has no ${what} ${id}.`)
}
