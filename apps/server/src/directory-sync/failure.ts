import type { DirectoryRead, directoryFailures } from '@countersign/contracts'
import { OutOfRange, PermissionMissing } from '#server/channels/channel-directory.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { KeptRead } from '#server/db/directory-read-store.ts'

type FailureCode = (typeof directoryFailures)[number]

/** Somebody, or something, has ended it. */
export class ReadingStopped extends Error {
  override name = 'ReadingStopped'
  readonly why: 'cancelled' | 'broken_off' | 'channel_off'

  constructor(why: 'cancelled' | 'broken_off' | 'channel_off') {
    super(`the reading of a directory was ended: ${why}`)
    this.why = why
  }
}

/** What is left of the month's calls is for approvals. */
export class CallsKept extends Error {
  override name = 'CallsKept'
}

export class DirectoryTooLarge extends Error {
  override name = 'DirectoryTooLarge'
  readonly code: 'too_many_people' | 'too_many_departments'

  constructor(code: 'too_many_people' | 'too_many_departments', most: number) {
    super(`the directory has more than the ${most} that are read at once; limit the reading to some departments`)
    this.code = code
  }
}

/** How a reading has ended that did not come to its end. */
export function failureOf(error: unknown): Pick<KeptRead, 'state' | 'failure'> {
  if (error instanceof ReadingStopped && error.why !== 'channel_off') return { state: error.why, failure: null }
  return { state: 'failed', failure: explain(error) }
}

function explain(error: unknown): NonNullable<DirectoryRead['failure']> {
  const of = (code: FailureCode, message: string, more: { platformCode?: string; permissions?: string[] } = {}) => ({
    code,
    message,
    platformCode: more.platformCode ?? null,
    permissions: more.permissions ?? [],
  })
  if (error instanceof ReadingStopped) return of('channel_off', 'the channel was switched off, or given another app')
  if (error instanceof CallsKept) return of('quota', 'what is left of the calls of this month is kept for approvals')
  if (error instanceof DirectoryTooLarge) return of(error.code, error.message)
  if (error instanceof PermissionMissing) {
    return of('permission', error.message, { platformCode: error.code, permissions: [...error.permissions] })
  }
  if (error instanceof OutOfRange) return of('range', error.message, { platformCode: error.code })
  if (error instanceof ChannelError) {
    const code = error.kind === 'auth' ? 'credentials' : 'platform'
    return of(code, error.message, { platformCode: error.code })
  }
  return of('internal', 'something went wrong here; the log says what')
}
