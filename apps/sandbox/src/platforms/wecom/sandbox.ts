import type { Core } from '#sandbox/core.ts'
import type { GroupMessage } from '#sandbox/groups/groups.ts'
import { SEND_PATH, type WecomPlatform, type WecomSettings } from './platform.ts'
import type { WecomRobot } from './robots.ts'
import type { SeedWecomRobot } from './seed.ts'

/** What tests and the phones need of WeCom. */
export interface WecomSandbox {
  /** Stands in for `https://qyapi.weixin.qq.com`. */
  readonly url: string
  /** May be changed at any time. */
  readonly settings: WecomSettings
  robots(): WecomRobot[]
  robot(robotId: string): WecomRobot
  /** The address of a group's bot, its key included. */
  robotUrl(robotId: string): string
  /** Adds a bot to a group as a member does; gives its address. */
  addRobot(robot: SeedWecomRobot): string
  /** What members do to a bot: `{ state: 'disabled' }` and the like. */
  configureRobot(robotId: string, change: Partial<Pick<WecomRobot, 'state'>>): void
  /** What this bot has said in its group, oldest first. */
  messages(robotId: string): GroupMessage[]
}

export function createWecomSandbox(core: Core, { robots, settings }: WecomPlatform, url: string): WecomSandbox {
  const base = `${url}/wecom`
  const urlOf = ({ key }: WecomRobot) => `${base}${SEND_PATH}?key=${key}`
  return {
    url: base,
    settings,
    robots: () => robots.all(),
    robot: (id) => robots.get(id),
    robotUrl: (id) => urlOf(robots.get(id)),
    addRobot: (robot) => {
      core.groups.get(robot.group)
      return urlOf(robots.add(robot))
    },
    configureRobot: (id, change) => void Object.assign(robots.get(id), change),
    messages: (id) => {
      const robot = robots.get(id)
      return core.groups.messages(robot.group).filter(({ from }) => from.kind === 'robot' && from.robotId === robot.id)
    },
  }
}
