import type { SentVerificationCode } from '@countersign/contracts'
import type { z } from 'zod'
import { parseAddress } from '#server/addresses/parse-address.ts'
import { personLocale } from '#server/cards/compose.ts'
import { AppError } from '#server/errors.ts'
import { type AddressParts, codeValidMs } from '#server/verification/codes.ts'
import { resendAfterMs } from '#server/verification/throttles.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { lookUpAccount } from './look-up.ts'
import { isSessionOf } from './proof.ts'
import { requireAvailable } from './set-channel.ts'
import { type Way, wayOf } from './way.ts'

type Sent = z.infer<typeof SentVerificationCode>

const notNeeded: Sent = { via: 'none', resendAfter: 0, validFor: 0 }

/**
 * Makes a code for an address and has it sent once this request is answered, so that neither answer nor time says whether
 * the address exists. Where it can be set without a code nothing is sent. Throws `too_many_requests` and what any address
 * is refused for. `answered` resolves once the answer is out.
 */
export async function sendCode(
  deps: NotificationSettingsDeps,
  subject: ChannelSubject,
  typed: AddressParts,
  answered: () => Promise<unknown>,
): Promise<Sent> {
  const { tenantId, uid, channel, caller } = subject
  const { stores } = deps.store
  const address = parseAddress(channel, typed, deps.country)
  const way = await wayOf(deps, tenantId, channel, await stores.notificationSettings.enabledChannels(tenantId))
  requireAvailable(way)
  const bound = await stores.notificationSettings.channel(tenantId, uid, channel)
  if (bound?.provisioned === true) {
    throw new AppError('provisioned', 'this address stands in the provisioning file; it can be changed there only')
  }
  const via = subject.isSelf ? way.verification : 'none'
  if (via === 'none' || (await isOwnAccount(deps, subject, way, address))) return notNeeded

  const user = await stores.directory.user(tenantId, uid)
  const tenant = await stores.tenants.tenant(tenantId)
  const key = { tenantId, uid, purpose: 'bind', channel } as const
  const issued = await deps.store.run(async (tx) => {
    await deps.throttles.code(tx, { tenantId, uid, channel, via: via === 'bot' ? channel : via, address, caller })
    return deps.codes.issue(tx, key, address)
  })
  deps.codeSender.sendAfter(answered(), {
    ...issued,
    key,
    via,
    address,
    name: user?.name ?? uid,
    locale: personLocale(user, tenant?.locale ?? null, deps.locale),
    timeZone: user?.timeZone ?? tenant?.timeZone ?? deps.timeZone,
  })
  return { via, resendAfter: resendAfterMs / 1_000, validFor: codeValidMs / 1_000 }
}

/**
 * Whether the person is logged in through the very account that the address leads to. The platform is asked also where it
 * turns out not to be, before any other work: that takes as long for an address of nobody.
 */
async function isOwnAccount(
  deps: NotificationSettingsDeps,
  subject: ChannelSubject,
  { channel }: Way,
  address: AddressParts,
): Promise<boolean> {
  if (channel === null || !isSessionOf(subject)) return false
  try {
    return (await lookUpAccount(deps, subject, channel, address)) === subject.session.platformUserId
  } catch (error) {
    // Then a code shows it: the platform may answer again by the time it is sent.
    if (error instanceof AppError && error.code === 'platform_unavailable') return false
    throw error
  }
}
