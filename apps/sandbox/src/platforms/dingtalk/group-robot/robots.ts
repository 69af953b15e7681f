import { groupRobotSchema, type NewGroupRobot, type SeedGroupRobot } from './seed.ts'

/** A group robot as its group's settings page shows it. */
export interface GroupRobot extends SeedGroupRobot {
  state: 'active' | 'stopped' | 'removed'
  /** Words that the platform finds unsafe in this robot's messages; none unless a test says so. */
  unsafeWords: string[]
}

/** The custom robots of all groups. */
export class GroupRobots {
  readonly #robots = new Map<string, GroupRobot>()

  /** @throws ZodError when DingTalk would not create such a robot. */
  add(seed: NewGroupRobot): GroupRobot {
    const robot: GroupRobot = { ...groupRobotSchema.parse(seed), state: 'active', unsafeWords: [] }
    if (this.#robots.has(robot.id) || this.byToken(robot.accessToken) !== undefined) {
      throw new Error(`There is already a group robot ${robot.id}, or one with its access token.`)
    }
    this.#robots.set(robot.id, robot)
    return robot
  }

  all(): GroupRobot[] {
    return [...this.#robots.values()]
  }

  get(id: string): GroupRobot {
    const robot = this.#robots.get(id)
    if (robot === undefined) throw new Error(`The sandbox has no DingTalk group robot ${id}.`)
    return robot
  }

  byToken(accessToken: string): GroupRobot | undefined {
    return this.all().find((robot) => robot.accessToken === accessToken)
  }

  /** Every robot works again. */
  clear(): void {
    for (const robot of this.#robots.values()) Object.assign(robot, { state: 'active', unsafeWords: [] })
  }
}
