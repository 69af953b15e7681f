import { createHash } from 'node:crypto'
import type { Locale, TrialView } from '@countersign/contracts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { DeliveryRecord, Store } from '#server/db/stores.ts'
import type { TrialRecord } from '#server/db/trial-store.ts'
import { examineCallbacks } from '#server/doctor/callbacks.ts'
import { viewFinding } from '#server/doctor/report.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { isTrialTap } from './tap.ts'

export interface TrialViewDeps {
  store: Store
  channels: Pick<LiveChannels, 'get'>
  /** Writes down what came in and is not yet written. */
  noteSightings: () => Promise<void>
  publicUrl: string
}

const iso = (at: number): string => new Date(at).toISOString()

/** What has become of a trial so far; `locale` is that of the findings. Asks no platform. */
export async function viewTrial(deps: TrialViewDeps, trial: TrialRecord, locale: Locale): Promise<TrialView> {
  const { stores } = deps.store
  const { tenantId, ticketId, channel, uid } = trial
  const ticket = await stores.tickets.find(tenantId, ticketId)
  if (ticket === null) throw new Error(`there is no ticket for the trial ${ticketId}`)
  const deliveries = await stores.notices.deliveries(tenantId, ticketId)
  const card = deliveries.find((each) => each.recipient === uid && each.channel === channel) ?? deliveries[0]
  const delivery = card === undefined ? null : viewCard(card)
  const sentAt = delivery?.sentAt ?? null
  const person = await stores.directory.user(tenantId, uid)
  const tap = viewTap(trial, ticket, { uid, name: person?.name ?? uid }, sentAt)
  const view = {
    channel,
    ticket: { id: ticket.id, number: ticket.number, status: ticket.status },
    askedAt: iso(trial.askedAt),
    expiresAt: iso(trial.expiresAt),
    delivery,
    tap,
    callback: tap === null ? await whatComesIn(deps, trial, locale) : null,
  }
  const mark = createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 22)
  return { ...view, mark }
}

/** The first answer that took the card tells when it was there. */
function viewCard({ state, attempts }: DeliveryRecord): NonNullable<TrialView['delivery']> {
  const isThere = state === 'sent' || state === 'updated'
  const last = attempts.at(-1)
  const taken = isThere ? (attempts.find(({ code }) => code === 'ok' || code === '0') ?? attempts[0]) : undefined
  return {
    state,
    sentAt: taken === undefined ? null : iso(taken.at),
    code: last?.code ?? null,
    message: last?.message ?? null,
  }
}

function viewTap(
  trial: TrialRecord,
  ticket: Ticket,
  by: { uid: string; name: string },
  sentAt: string | null,
): TrialView['tap'] {
  const decisions = ticket.nodes.flatMap((node) => node.decisions)
  const decision = decisions.find((each) => isTrialTap(trial, each))
  if (decision === undefined) return null
  const { action, via, at } = decision
  const since = sentAt === null ? trial.askedAt : Date.parse(sentAt)
  return { by, action, via, at: iso(at), tookMs: Math.max(0, at - since) }
}

/** Whether taps reach this host, as the doctor says it without asking anybody. */
async function whatComesIn(
  deps: TrialViewDeps,
  { tenantId, channel: name }: TrialRecord,
  locale: Locale,
): Promise<TrialView['callback']> {
  const channel = await deps.channels.get(tenantId, name)
  if (channel === null) return null
  await deps.noteSightings()
  const sightings = await deps.store.stores.sightings.of({ tenantId, channel: name, appId: channel.appId })
  const [taps] = examineCallbacks(channel, { sightings, publicUrl: deps.publicUrl })
  return viewFinding(taps, { locale, place: 'console' })
}
