import type { directoryFields } from '@countersign/contracts'
import { ChannelError } from './channel-error.ts'

/* Who is in the directory of an organisation, as its platform tells it. */

/** What a directory says of a person; null: nothing, or not to this app. */
export interface DirectoryPerson {
  /** The platform's id of the account, as in `PlatformUser`. */
  platformUserId: string
  name: string | null
  /** As the directory has it: whoever reads it checks what it is used for. */
  email: string | null
  /** False: the person may have typed it in themself, so that it tells nothing of who they are. */
  isEmailProven: boolean
  /** International form. */
  mobile: string | null
  employeeId: string | null
  /** The account is frozen, or its owner has left. */
  isFrozen: boolean
  /** Where the person is bound to this account: an address that leads to it. */
  address: Readonly<Record<string, string>>
}

/** The platform's id of a department and its name. */
export interface Department {
  id: string
  name: string
  /** With those of the departments below; null where the platform does not say. */
  members: number | null
}

/** What one call has brought. The numbers are of the whole reading so far. */
export interface DirectoryPage {
  /** The same person may come again, from each of their departments. */
  people: readonly DirectoryPerson[]
  departmentsFound: number
  departmentsRead: number
  /** Whether the reading, once it has ended, has seen everybody of the organisation. */
  isWhole: boolean
}

/** Makes one call to the platform: waits for its turn, counts it, and tries again what passes. */
export type DirectoryCall = <Answer>(ask: () => Promise<Answer>) => Promise<Answer>

export interface ChannelDirectory {
  /** Whether the platform counts these calls against the month. */
  readonly isCounted: boolean
  /** People whom one call brings at most. */
  readonly pageSize: number
  /** The permission without which a field does not come; null: none is needed. */
  readonly fieldPermissions: Readonly<Record<(typeof directoryFields)[number], string | null>>
  /** Directly below a department; null: the topmost that the app may see. Throws ChannelError. */
  departments(parent: string | null, call: DirectoryCall): Promise<Department[]>
  /**
   * Everybody whom the app may see, or only those of the given departments and of all below them. Throws ChannelError, and
   * of it PermissionMissing.
   */
  read(departments: readonly string[] | null, call: DirectoryCall): AsyncIterable<DirectoryPage>
}

/** The app lacks a permission: any of these would do. */
export class PermissionMissing extends ChannelError {
  override name = 'PermissionMissing'
  readonly permissions: readonly string[]

  constructor(cause: ChannelError, permissions: readonly string[]) {
    super('auth', cause.code, cause.message, { cause })
    this.permissions = permissions
  }
}

/** The department is none, or none that the app may see. */
export class OutOfRange extends ChannelError {
  override name = 'OutOfRange'

  constructor(cause: ChannelError) {
    super('rejected', cause.code, cause.message, { cause })
  }
}

/** Departments that are waiting to be read, each once. Grows with what is found. */
export class DepartmentQueue {
  readonly #seen = new Set<string>()
  readonly #waiting: string[] = []
  #read = 0

  constructor(first: readonly string[] = []) {
    for (const id of first) this.add(id)
  }

  /** False: it was seen before. */
  add(id: string): boolean {
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    this.#waiting.push(id)
    return true
  }

  /** The next one; undefined: all have been given out. */
  next(): string | undefined {
    return this.#waiting.shift()
  }

  done(): void {
    this.#read += 1
  }

  get progress(): Pick<DirectoryPage, 'departmentsFound' | 'departmentsRead'> {
    return { departmentsFound: this.#seen.size, departmentsRead: this.#read }
  }
}

/**
 * A mobile number as platforms store it, in international form: numbers of mainland China stand there without country code.
 * Null: it has none, and is none of these.
 */
export function internationalMobile(written: string | null | undefined, countryCode?: string | null): string | null {
  const text = written?.trim() ?? ''
  const digits = text.replace(/\D/g, '')
  if (digits === '') return null
  if (text.startsWith('+')) return `+${digits}`
  const code = countryCode?.replace(/\D/g, '') ?? ''
  if (code !== '') return `+${code}${digits}`
  return /^1\d{10}$/.test(digits) ? `+86${digits}` : null
}

/** Text of a directory; null where there is none. */
export function plain(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}
