import { remindEveryMs } from '@countersign/contracts'
import type { CarriedDelivery, Store } from '#server/db/stores.ts'
import { ladderStep } from '#server/tickets/ladder.ts'
import type { Ticket } from '#server/tickets/ticket.ts'

export interface PastNeedDeps {
  store: Pick<Store, 'stores'>
  now: () => number
}

/** Why a reminder of the ladder, whose time has come, is not needed any more; null: it is. */
export async function pastNeed(
  { store, now }: PastNeedDeps,
  { noticeKey, recipient }: Pick<CarriedDelivery, 'noticeKey' | 'recipient'>,
  ticket: Ticket,
): Promise<{ code: string; text: string } | null> {
  const { notices, tenants } = store.stores
  if (ladderStep(ticket, noticeKey) === null) {
    const text = `the ticket is ${ticket.status}, and not where this reminder was planned for`
    return { code: 'superseded', text }
  }
  const rule = await tenants.rule(ticket.tenantId, ticket.content.module, 'reminded')
  if (rule?.enabled === false) {
    return { code: 'rule_off', text: `the rule for ${rule.module}, ${rule.event} is switched off` }
  }
  const last = (await notices.lastReminders(ticket.tenantId, ticket.id, noticeKey)).get(recipient)
  if (last === undefined || now() - last >= remindEveryMs) return null
  return { code: 'reminded_lately', text: `${recipient} was reminded less than an hour before` }
}
