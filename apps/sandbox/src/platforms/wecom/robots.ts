import { type SeedWecomRobot, wecomRobotSchema } from './seed.ts'

export interface WecomRobot extends SeedWecomRobot {
  /** What its group's members have done with it. */
  state: 'active' | 'disabled' | 'not-in-group' | 'removed'
}

/** The bots of all WeCom groups. */
export class WecomRobots {
  readonly #robots = new Map<string, WecomRobot>()

  /** @throws ZodError when the key is not a UUID. */
  add(seed: SeedWecomRobot): WecomRobot {
    const robot: WecomRobot = { ...wecomRobotSchema.parse(seed), state: 'active' }
    if (this.#robots.has(robot.id) || this.byKey(robot.key) !== undefined) {
      throw new Error(`There is already a WeCom robot ${robot.id}, or one with its key.`)
    }
    this.#robots.set(robot.id, robot)
    return robot
  }

  all(): WecomRobot[] {
    return [...this.#robots.values()]
  }

  get(id: string): WecomRobot {
    const robot = this.#robots.get(id)
    if (robot === undefined) throw new Error(`The sandbox has no WeCom robot ${id}.`)
    return robot
  }

  byKey(key: string): WecomRobot | undefined {
    return this.all().find((robot) => robot.key === key)
  }

  /** Every robot works again. */
  clear(): void {
    for (const robot of this.#robots.values()) robot.state = 'active'
  }
}
