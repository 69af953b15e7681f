import type { Locale } from '@countersign/contracts'
import { type ChannelName, guidedChannels } from '@countersign/contracts'
import { personLocale } from '#server/cards/compose.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import type { TrialRecord } from '#server/db/trial-store.ts'
import { AppError } from '#server/errors.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { submitTrial, withdraw } from '#server/tickets/lifecycle.ts'
import type { User } from '#server/tickets/ports.ts'
import { trialLastsMs, trialTicket } from '#server/tickets/trial.ts'
import type { Throttles } from '#server/verification/throttles.ts'

export interface StartTrialDeps {
  store: Store
  channels: Pick<LiveChannels, 'get'>
  throttles: Pick<Throttles, 'test'>
  /** Of the region. */
  locale: Locale
  /** Epoch milliseconds. */
  now: () => number
  newId: () => string
  /** Something is due for delivery. */
  committed: () => void
}

/**
 * Sends somebody a trial ticket through one channel: to themself, never to anybody else. One of theirs that still waits
 * there is withdrawn. Throws `channel_not_enabled`, `taps_unverifiable` where no tap could come back, `not_bound` without
 * an address on the channel, `too_many_requests`.
 */
export async function startTrial(deps: StartTrialDeps, user: User, name: ChannelName): Promise<TrialRecord> {
  const { tenantId, uid } = user
  if (!guidedChannels.some((guided) => guided === name))
    throw new AppError('taps_unverifiable', 'this channel only tells: no tap could come back')
  const channel = await deps.channels.get(tenantId, name)
  if (channel === null)
    throw new AppError('channel_not_enabled', `${name} is not switched on, or cannot be used as it is set`)
  if (!channel.takesActions) {
    throw new AppError('taps_unverifiable', 'taps cannot be verified: the secrets for callbacks are missing')
  }
  const trial = await deps.store.run(async (tx) => {
    if ((await tx.directory.binding(tenantId, name, uid)) === null) {
      throw new AppError('not_bound', `you have no address on ${name} yet`)
    }
    await deps.throttles.test(tx, { tenantId, uid, channel: name })
    await withdrawLast(tx, user, name, deps.now())
    return submitAnother(tx, deps, user, name)
  })
  deps.committed()
  return trial
}

async function withdrawLast(tx: Stores, { tenantId, uid }: User, name: ChannelName, at: number): Promise<void> {
  const last = await tx.trials.last(tenantId, uid, name)
  if (last === null) return
  const ticket = await tx.tickets.lock(tenantId, last.ticketId)
  if (ticket?.status !== 'pending') return
  await withdraw(tx, { tenantId, ticketId: ticket.id, actor: uid, via: 'console', comment: null, at })
}

async function submitAnother(tx: Stores, deps: StartTrialDeps, user: User, name: ChannelName): Promise<TrialRecord> {
  const { tenantId, uid } = user
  const at = deps.now()
  const tenant = await tx.tenants.tenant(tenantId)
  const say = createTranslator(personLocale(user, tenant?.locale ?? null, deps.locale))
  const words = {
    title: say.text('trial.title'),
    description: say.text('trial.description'),
    step: say.text('trial.step'),
  }
  const number = await tx.tickets.nextNumber(tenantId)
  const ticket = trialTicket({ tenantId, id: deps.newId(), number, uid, words, at })
  await submitTrial(tx, ticket, name)
  const trial = { tenantId, ticketId: ticket.id, channel: name, uid, askedAt: at, expiresAt: at + trialLastsMs }
  await tx.trials.add(trial)
  return trial
}
