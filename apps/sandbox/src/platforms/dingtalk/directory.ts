import type { Core } from '#sandbox/core.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'

export const ROOT_DEPARTMENT = 1

/** An organisation's people, indexed by everything the platform can look them up by. */
export class Directory {
  readonly #core: Core
  readonly #byId = new Map<string, Person>()

  constructor(core: Core) {
    this.#core = core
    for (const person of core.world.people.values()) {
      if (person.platform !== 'dingtalk') continue
      this.#byId.set(`${person.tenantKey}|userId|${person.userId}`, person)
      this.#byId.set(`${person.tenantKey}|unionId|${person.unionId}`, person)
      if (person.account === 'dingtalk') this.#byId.set(`${person.tenantKey}|loginId|${loginIdOf(person)}`, person)
    }
  }

  /** The member with this id in the app's organisation; type 1 is the user id, type 2 the union id. */
  find(app: DingtalkApp, type: 'userId' | 'unionId' | 'loginId' | 1 | 2, id: string): Person | undefined {
    const name = type === 1 ? 'userId' : type === 2 ? 'unionId' : type
    return this.#byId.get(`${app.corpId}|${name}|${id}`)
  }

  /** Everybody with this mobile number: ordinary and exclusive accounts are told apart by the caller. */
  findByMobile(app: DingtalkApp, mobile: string): Person[] {
    const wanted = digitsOf(mobile)
    return this.members(app).filter((person) => person.mobile !== undefined && digitsOf(person.mobile) === wanted)
  }

  members(app: DingtalkApp): Person[] {
    return [...this.#core.world.people.values()].filter(
      (person) => person.platform === 'dingtalk' && person.tenantKey === app.corpId,
    )
  }
}

export function isExclusive(person: Person): boolean {
  return person.account === 'sso' || person.account === 'dingtalk'
}

/** What a person with an account made by the organisation types in to sign in. */
export function loginIdOf(person: Person): string {
  return person.employeeId ?? person.id
}

/** Mainland numbers with and without their country code are one number; how others are written is not documented. */
export function digitsOf(mobile: string): string {
  return mobile.replace(/\D/g, '').replace(/^86(?=1\d{10}$)/, '')
}
