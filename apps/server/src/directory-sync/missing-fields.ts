import { type DirectoryRead, directoryFields } from '@countersign/contracts'
import type { ChannelDirectory, DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { DirectoryField } from './plan.ts'

/** Which fields came for nobody: mostly because the app lacks the permission for them. */
export class MissingFields {
  readonly #seen = new Set<DirectoryField>()
  #people = 0

  see(people: readonly DirectoryPerson[]): void {
    this.#people += people.length
    for (const field of directoryFields) {
      if (!this.#seen.has(field) && people.some((person) => person[field] !== null)) this.#seen.add(field)
    }
  }

  missing(permissions: ChannelDirectory['fieldPermissions']): DirectoryRead['missing'] {
    if (this.#people === 0) return []
    return directoryFields
      .filter((field) => !this.#seen.has(field))
      .map((field) => ({ field, permission: permissions[field] }))
  }
}
