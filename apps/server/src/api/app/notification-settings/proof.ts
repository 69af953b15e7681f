import type { Verification } from '@countersign/contracts'
import { AppError } from '#server/errors.ts'
import type { AddressParts } from '#server/verification/codes.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { lookUpAccount } from './look-up.ts'
import type { Way } from './way.ts'

/**
 * What is to show that an address is the person's. `account`: the platform account it leads to, where that is known before
 * the code is looked at. `by` stands in the audit.
 */
export type Proof =
  | { by: 'admin' | 'session'; account: string | null }
  /** Nobody's own: a group's robot, a web hook. */
  | { by: 'none'; account: null }
  | { by: 'code'; via: Exclude<Verification, 'none'>; code: string; account: string | null }

/**
 * Decides what must show that the address is the person's, and asks the platform what must be known for it: no network call
 * belongs in the unit of work that follows. Throws `code_required`, `platform_unavailable`.
 */
export async function proofFor(
  deps: NotificationSettingsDeps,
  subject: ChannelSubject,
  way: Way,
  address: AddressParts,
  code: string | undefined,
): Promise<Proof> {
  const { channel, verification } = way
  const lookUp = async () => (channel === null ? null : lookUpAccount(deps, subject, channel, address))
  if (verification === 'none') return { by: 'none', account: null }
  if (!subject.isSelf) return { by: 'admin', account: await lookUp() }
  // The bot says a code to the account it looked up itself; a number proved by text message still has to be looked up.
  if (code !== undefined)
    return { by: 'code', via: verification, code, account: verification === 'bot' ? null : await lookUp() }
  if (isSessionOf(subject)) {
    const account = await lookUp()
    if (account !== null && account === subject.session.platformUserId) return { by: 'session', account }
  }
  throw new AppError('code_required', 'ask for a code to this address first, and give it', {
    errors: [{ path: 'code', message: 'is required' }],
  })
}

/** Whether the person is here through an account of this channel: if it is the one the address leads to, that is the proof. */
export function isSessionOf({ session, isSelf, channel }: ChannelSubject): boolean {
  return isSelf && session.channel === channel && session.platformUserId !== null
}
