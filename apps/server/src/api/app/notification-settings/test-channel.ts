import type { ChannelTest, Locale } from '@countersign/contracts'
import type { z } from 'zod'
import { personLocale } from '#server/cards/compose.ts'
import type { Channel, Delivered } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { PersonChannel } from '#server/db/notification-settings-store.ts'
import { openAddress } from '#server/db/user-address.ts'
import { type Carried, withinTime } from '#server/delivery/courier.ts'
import { findRecipient } from '#server/delivery/find-recipient.ts'
import { asked, waitForPlace } from '#server/delivery/platform-call.ts'
import { AppError } from '#server/errors.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import type { User } from '#server/tickets/ports.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { requireAvailable } from './set-channel.ts'
import { wayOf } from './way.ts'

type Tested = z.infer<typeof ChannelTest>

/** A page waits for this. */
const answerWithinMs = 10_000

/**
 * Sends a test message to the stored address, past the outbox: the person waits for what the platform says, verbatim.
 * Throws `not_found` where no address is stored, `channel_not_enabled`, `too_many_requests`.
 */
export async function testChannel(deps: NotificationSettingsDeps, subject: ChannelSubject): Promise<Tested> {
  const { tenantId, uid, channel: name } = subject
  const { stores } = deps.store
  const bound = await stores.notificationSettings.channel(tenantId, uid, name)
  if (bound === null) throw new AppError('not_found', 'there is no address to send a test message to')
  const way = await wayOf(deps, tenantId, name, await stores.notificationSettings.enabledChannels(tenantId))
  requireAvailable(way)
  const user = await stores.directory.user(tenantId, uid)
  if (user === null) throw new AppError('not_found', 'there is no such person')
  await deps.store.run((tx) => deps.throttles.test(tx, subject))
  const tenant = await stores.tenants.tenant(tenantId)
  const locale = personLocale(user, tenant?.locale ?? null, deps.locale)
  const timeZone = user.timeZone ?? tenant?.timeZone ?? deps.timeZone
  try {
    const came =
      way.channel !== null
        ? await sayTest(deps, way.channel, user, createTranslator(locale))
        : way.messenger !== null
          ? await writeTest(deps, way.messenger, { user, locale, timeZone, bound })
          : null
    if (came === null) throw new AppError('channel_not_enabled', `${name} cannot be used on this host`)
    return 'kind' in came ? notSent(came) : { ok: true, code: came.code, message: came.text }
  } catch (error) {
    if (error instanceof ChannelError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}

function notSent(why: Carried): Tested {
  if (why.kind === 'released') {
    return {
      ok: false,
      code: 'rate_limited',
      message: 'the platform takes no more messages just now; try again shortly',
    }
  }
  return { ok: false, code: why.code, message: why.text }
}

/** By the bot, to the account that cards go to. */
async function sayTest(
  { calls, newId }: NotificationSettingsDeps,
  channel: Channel,
  user: User,
  say: Translator,
): Promise<Delivered | Carried> {
  if ((await calls.savings(channel)).has('everything')) {
    return { kind: 'failed', code: 'quota_saved', text: 'the calls of this month are nearly used up' }
  }
  const deadline = AbortSignal.timeout(answerWithinMs)
  const platformUserId = await findRecipient(calls, channel, user.uid, deadline)
  if (typeof platformUserId !== 'string') return platformUserId
  const heldBack = await waitForPlace(calls, channel, { receiver: platformUserId }, deadline)
  if (heldBack !== null) return heldBack
  const text = say.text('address.test', { name: user.name })
  const saying = { platformUserId, text, idempotencyKey: `test-${newId()}` }
  const said = () => withinTime(answerWithinMs, () => channel.say(saying))
  return asked(calls, channel, said, { receiver: platformUserId })
}

async function writeTest(
  { calls, newId, now, sealer, texts }: NotificationSettingsDeps,
  messenger: Messenger,
  to: { user: User; locale: Locale; timeZone: string; bound: PersonChannel },
): Promise<Delivered | Carried> {
  const { user, locale, timeZone, bound } = to
  const owner = { tenantId: user.tenantId, uid: user.uid, channel: bound.channel }
  const address = openAddress(sealer, owner, bound.address)
  const receiver = messenger.receiverOf(address)
  const heldBack = await waitForPlace(calls, messenger, { receiver }, AbortSignal.timeout(answerWithinMs))
  if (heldBack !== null) return heldBack
  const recipient = { uid: user.uid, name: user.name }
  const content = { kind: 'test' as const }
  const { name: channel, format } = messenger
  const words = await texts.render(user.tenantId, { channel, recipient, locale, timeZone, format, content })
  const letter = {
    to: recipient,
    address,
    isOperators: bound.provisioned,
    locale,
    timeZone,
    words,
    content,
    idempotencyKey: `test-${newId()}`,
    at: now(),
    firstTriedAt: null,
  }
  return asked(calls, messenger, () => withinTime(answerWithinMs, () => messenger.send(letter)), { receiver })
}
