import type { Reroute as RerouteWish, TenantId, Uid, Via } from '@countersign/contracts'
import type { RerouteStore } from '#server/db/reroute-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { FieldError } from '#server/tickets/errors.ts'
import { waitsForNobodyElse } from '#server/tickets/only-them.ts'
import type { AuditLog } from '#server/tickets/ports.ts'

/** Who orders, and when (epoch ms). `actor`: an administrator, or `provisioning`. */
export interface OrderedBy {
  tenantId: TenantId
  actor: string
  via: Via
  at: number
}

type Tx = Pick<Stores, 'people' | 'reroutes' | 'audit'>

/**
 * Orders that what waits for a disabled person goes to these, in place of what was ordered before; it is carried out
 * afterwards. To be called inside a unit of work, after the person was disabled.
 */
export async function orderReroute(
  tx: { reroutes: Pick<RerouteStore, 'put'>; audit: AuditLog },
  { tenantId, actor, via, at }: OrderedBy,
  uid: Uid,
  { to, scope, comment }: RerouteWish,
): Promise<void> {
  const successors = [...new Set(to)]
  const said = comment === undefined || comment === '' ? null : comment
  await tx.reroutes.put({ tenantId, uid, successors, scope, comment: said, orderedBy: actor, via, orderedAt: at })
  const entry = { tenantId, at, actor, action: 'user.reroute', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: { successors: successors.join(' '), scope } })
}

/**
 * Checks who is named by an administrator: people who are there, and not the person themself. Nobody gives themself what
 * others were to decide: that an administrator is named by another one, where there is one. Throws `invalid_request` with
 * every bad field, below `path`, and `own_successor`.
 */
export async function checkSuccessors(
  tx: Pick<Tx, 'people'>,
  { tenantId, actor }: Pick<OrderedBy, 'tenantId' | 'actor'>,
  to: readonly Uid[],
  { path, leaving }: { path: string; leaving: readonly Uid[] },
): Promise<void> {
  const rows = await tx.people.rows(tenantId, [...new Set(to)])
  const errors = to.flatMap((uid, index): FieldError[] => {
    const row = rows.get(uid)
    const place = `${path}.${index}`
    if (row === undefined) return [{ path: place, message: `no person of this tenant has the uid ${uid}` }]
    if (leaving.includes(uid)) return [{ path: place, message: `${uid} is the one who is to be relieved` }]
    return row.disabled === 1 ? [{ path: place, message: `${uid} is disabled` }] : []
  })
  if (errors.length > 0) throw new AppError('invalid_request', 'the successors are not acceptable', { errors })
  if (!to.includes(actor)) return
  const administrators = await tx.people.activeWith(tenantId, 'admin')
  if (administrators.every((uid) => uid === actor || leaving.includes(uid))) return
  throw new AppError('own_successor', 'nobody names themself: another administrator can name you')
}

/** Pending tickets are counted up to here. */
export const countLimit = 1_000

/** How many pending tickets have a step that cannot be completed without this person. */
export async function countOnlyThem(stores: Pick<Stores, 'people'>, tenantId: TenantId, uid: Uid): Promise<number> {
  const tickets = await stores.people.pendingNaming(tenantId, uid, countLimit)
  const others = tickets.flatMap((ticket) => ticket.nodes.flatMap((node) => node.approvers))
  const rows = await stores.people.rows(tenantId, [...new Set(others)])
  const isActive = (other: Uid): boolean => rows.get(other)?.disabled === 0
  return tickets.filter((ticket) => waitsForNobodyElse(ticket, uid, isActive)).length
}

/**
 * That a person is about to be disabled: names who takes over, as far as somebody is named. Throws `successor_required`
 * where something waits that nobody else can complete and nothing is said of it; to name nobody, `to` is empty.
 */
export async function orderWithDisabling(
  tx: Tx,
  by: OrderedBy,
  uid: Uid,
  wish: RerouteWish | undefined,
): Promise<void> {
  if (wish === undefined) {
    const count = await countOnlyThem(tx, by.tenantId, uid)
    if (count === 0) return
    const many = count === countLimit ? `${count} or more` : String(count)
    throw new AppError(
      'successor_required',
      `${many} pending tickets need ${uid}: say who takes over, or that nobody does`,
    )
  }
  if (wish.to.length === 0) return
  await checkSuccessors(tx, by, wish.to, { path: 'reroute.to', leaving: [uid] })
  await orderReroute(tx, by, uid, wish)
}
