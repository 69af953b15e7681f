import type { ChangePerson, CreatePerson, Locale, PersonDetail, Role } from '@countersign/contracts'
import type { MessageKey } from '../i18n/i18n.ts'

/** A person as they stand in the form; empty means the default, or nothing. */
export interface PersonDraft {
  uid: string
  name: string
  roles: Role[]
  locale: Locale | ''
  timeZone: string
  email: string
  mobile: string
  employeeId: string
}

export function draftOf(person: PersonDetail | undefined): PersonDraft {
  return {
    uid: person?.uid ?? '',
    name: person?.name ?? '',
    roles: person === undefined ? ['user'] : [...person.roles],
    locale: person?.locale ?? '',
    timeZone: person?.timeZone ?? '',
    email: person?.contact?.email ?? '',
    mobile: person?.contact?.mobile ?? '',
    employeeId: person?.contact?.employeeId ?? '',
  }
}

type Field = keyof PersonDraft

/** What the person can mend before anything is sent; the server checks all of it again. */
export function problemsOf(draft: PersonDraft): Partial<Record<Field, MessageKey>> {
  const email = draft.email.trim()
  const mobile = dialled(draft.mobile)
  return {
    ...(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(draft.uid.trim()) ? {} : { uid: 'person.uidBad' as const }),
    ...(draft.name.trim() === '' ? { name: 'person.nameMissing' as const } : {}),
    ...(draft.roles.length === 0 ? { roles: 'person.rolesMissing' as const } : {}),
    ...(email === '' || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) ? {} : { email: 'person.emailBad' as const }),
    ...(mobile === '' || /^\+[1-9]\d{6,14}$/.test(mobile) ? {} : { mobile: 'person.mobileBad' as const }),
  }
}

/** Without what people put between digits. */
const dialled = (number: string): string => number.replaceAll(/[\s()-]/g, '')
const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

export function givenBy(draft: PersonDraft): Omit<CreatePerson, 'uid'> & ChangePerson {
  return {
    name: draft.name.trim(),
    roles: draft.roles,
    locale: draft.locale === '' ? null : draft.locale,
    timeZone: orNull(draft.timeZone),
    email: orNull(draft.email),
    mobile: orNull(dialled(draft.mobile)),
    employeeId: orNull(draft.employeeId),
  }
}
