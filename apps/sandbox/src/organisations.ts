import type { SeedDepartment } from './seed.ts'
import type { Person } from './world.ts'

/** A department of one company. */
export type Department = SeedDepartment & { tenantKey: string }

/** What an app may see of its company. */
interface Seer {
  tenantKey: string
  platform: Person['platform']
  contactRange?: { departments: string[]; people: string[] } | undefined
}

const roots = { lark: '0', feishu: '0', dingtalk: '1' } as const

/** Departments and who is in them, indexed so that a page of one is one step however many there are. */
export class Organisations {
  readonly #people: ReadonlyMap<string, Person>
  readonly #declared: readonly Department[]
  #indexed = -1
  /** By `tenantKey|id`. */
  #departments = new Map<string, Department>()
  #children = new Map<string, Department[]>()
  #members = new Map<string, Person[]>()

  constructor(people: ReadonlyMap<string, Person>, declared: readonly Department[]) {
    this.#people = people
    this.#declared = declared
  }

  rootOf({ platform }: Seer): string {
    return roots[platform]
  }

  department(seer: Seer, id: string): Department | undefined {
    this.#index()
    return this.#departments.get(`${seer.tenantKey}|${id}`)
  }

  exists(seer: Seer, id: string): boolean {
    return id === this.rootOf(seer) || this.department(seer, id) !== undefined
  }

  /** Directly below, in the order they were declared. */
  children(seer: Seer, id: string): Department[] {
    this.#index()
    return this.#children.get(`${seer.tenantKey}|${id}`) ?? []
  }

  /** All below, level by level. */
  descendants(seer: Seer, id: string): Department[] {
    const found = [...this.children(seer, id)]
    for (const department of found) found.push(...this.children(seer, department.id))
    return found
  }

  /** Who is directly in it. */
  members(seer: Seer, id: string): Person[] {
    this.#index()
    return this.#members.get(`${seer.tenantKey}|${id}`) ?? []
  }

  /** How many are in it and below, each once. */
  memberCount(seer: Seer, id: string): number {
    const ids = [id, ...this.descendants(seer, id).map((department) => department.id)]
    return new Set(ids.flatMap((each) => this.members(seer, each))).size
  }

  /** Whether the department lies in what an administrator lets the app see. */
  sees(seer: Seer, id: string): boolean {
    const { contactRange } = seer
    if (contactRange === undefined) return true
    for (let at: string | undefined = id; at !== undefined; at = this.#parentOf(seer, at)) {
      if (contactRange.departments.includes(at)) return true
    }
    return false
  }

  #parentOf(seer: Seer, id: string): string | undefined {
    const department = this.department(seer, id)
    return department === undefined ? undefined : (department.parent ?? this.rootOf(seer))
  }

  /** People are added while the sandbox runs; nobody ever leaves. */
  #index(): void {
    if (this.#indexed === this.#people.size) return
    this.#indexed = this.#people.size
    this.#departments = new Map()
    this.#children = new Map()
    this.#members = new Map()
    for (const department of this.#declared) this.#put(department)
    for (const person of this.#people.values()) {
      for (const id of departmentsOf(person)) {
        const key = `${person.tenantKey}|${id}`
        if (id !== roots[person.platform] && !this.#departments.has(key)) this.#put(undeclared(person, id))
        push(this.#members, key, person)
      }
    }
  }

  #put(department: Department): void {
    const { tenantKey, id, parent = roots[department.platform] } = department
    this.#departments.set(`${tenantKey}|${id}`, department)
    push(this.#children, `${tenantKey}|${parent}`, department)
  }
}

/** The departments a person is directly in. */
export function departmentsOf(person: Person): string[] {
  const { departments, departmentId, platform } = person
  return departments ?? [departmentId === undefined ? roots[platform] : String(departmentId)]
}

function undeclared({ platform, tenantKey }: Person, id: string): Department {
  return { platform, tenantKey, id, name: `部门 ${id}` }
}

function push<Item>(index: Map<string, Item[]>, key: string, item: Item): void {
  const items = index.get(key)
  if (items === undefined) index.set(key, [item])
  else items.push(item)
}
