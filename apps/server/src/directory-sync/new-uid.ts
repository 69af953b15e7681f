import { Uid, type uidSources } from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'

export type UidSource = (typeof uidSources)[number]

const longest = 64

/** Gives new people uids that nobody has: the same people in the same order get the same ones. */
export class NewUids {
  /** In lower case: two uids that differ in case alone would be taken for one another. */
  readonly #taken: Set<string>
  readonly #sources: readonly UidSource[]

  constructor(taken: Iterable<Uid>, preferred: UidSource) {
    this.#taken = new Set([...taken].map((uid) => uid.toLowerCase()))
    const all: readonly UidSource[] = ['employeeId', 'email', 'account']
    this.#sources = [preferred, ...all.filter((source) => source !== preferred)]
  }

  next(person: DirectoryPerson): Uid {
    const made = this.#sources.map((source) => fitUid(textOf(person, source))).find((uid) => uid !== null)
    const wanted = made ?? 'person'
    let uid = wanted
    for (let number = 2; this.#taken.has(uid.toLowerCase()); number += 1) {
      uid = `${wanted.slice(0, longest - 1 - String(number).length)}-${number}`
    }
    this.#taken.add(uid.toLowerCase())
    return uid
  }
}

function textOf(person: DirectoryPerson, source: UidSource): string {
  switch (source) {
    case 'employeeId':
      return person.employeeId ?? ''
    case 'email':
      // Nobody names themself.
      return person.isEmailProven ? (person.email?.split('@')[0] ?? '') : ''
    case 'account':
      return person.platformUserId
  }
}

/** What a uid can be made of; null where nothing is left. */
export function fitUid(text: string): Uid | null {
  const fit = text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[^A-Za-z0-9._@-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, longest)
    .replace(/-+$/, '')
  return Uid.safeParse(fit).success ? fit : null
}
