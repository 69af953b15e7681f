import type { Core } from '#sandbox/core.ts'
import { stableId } from '#sandbox/ids.ts'
import type { MessagesIn } from '#sandbox/platforms/dingtalk/messages-in.ts'
import type { EventDelivery } from '#sandbox/platforms/lark/events.ts'
import type { App, DingtalkApp, Person } from '#sandbox/world.ts'
import type { Group, GroupMessage } from './groups.ts'

/**
 * A person writes in a group and mentions the app's robot: every member reads it, and the app is told.
 *
 * @throws when the person or the robot is not a member, or on a platform whose groups are not simulated.
 */
export async function sayInGroup(
  core: Core,
  messagesIn: MessagesIn,
  app: App | DingtalkApp,
  person: Person,
  said: { text: string; group: string; origin: string },
): Promise<{ message: GroupMessage; event: EventDelivery }> {
  if (app.platform !== 'dingtalk') throw new Error(`Groups are simulated on DingTalk, not on ${app.platform}.`)
  const group = core.groups.find(said.group) ?? found(core, person, said.group)
  if (!group.memberIds.includes(person.id)) throw new Error(`${person.id} is not a member of the group ${group.id}.`)
  if (group.tenantKey !== app.corpId || (group.apps !== undefined && !group.apps.includes(app.appKey))) {
    throw new Error(`The robot of ${app.appKey} is not a member of the group ${group.id}.`)
  }
  const message = core.groups.post(group, {
    from: { kind: 'person', personId: person.id, name: person.name },
    msgType: 'text',
    content: JSON.stringify({ content: `@${app.name} ${said.text}` }),
    createdAt: core.clock.now(),
  })
  const event = await messagesIn.said(app, person, { text: said.text, conversation: group }, said.origin)
  return { message, event }
}

/** A group of this person alone: enough for a test that does not care who else is there. */
function found(core: Core, person: Person, title: string): Group {
  const id = `group-${stableId('', person.tenantKey, title).slice(0, 12)}`
  return core.groups.add({ id, platform: 'dingtalk', title, members: [person.id] })
}
