import type { Group, Groups } from './groups.ts'
import type { SeedGroup } from './seed.ts'

/** What tests and the phones need of groups: who is in them, and what is said there by whomever. */
export type GroupsSandbox = Pick<Groups, 'all' | 'get' | 'of' | 'messages'> & {
  /** Makes another group. */
  add(group: SeedGroup): Group
  /** What its owner does: `{ state: 'dissolved' }`. */
  configure(groupId: string, change: Partial<Pick<Group, 'state' | 'title' | 'memberIds'>>): void
}

export function createGroupsSandbox(groups: Groups): GroupsSandbox {
  return {
    all: () => groups.all(),
    get: (id) => groups.get(id),
    of: (personId) => groups.of(personId),
    messages: (id) => groups.messages(id),
    add: (group) => groups.add(group),
    configure: (id, change) => void Object.assign(groups.get(id), change),
  }
}
