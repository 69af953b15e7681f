import { randomUUID as uuid } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { DeliveryList, type Relation, SessionList, type Thing, TicketView } from '@countersign/contracts'
import { must } from './ask.ts'
import { type Caller, person } from './callers.ts'
import {
  keyOf,
  markerOf,
  onlyOf,
  otherThan,
  type Person,
  strangers,
  type Tenant,
  type TwoTenants,
  tenants,
} from './two-tenants.ts'

/** Something that a path names. */
export interface Named {
  /** For the eyes of whoever reads a failure. */
  label: string
  params: Readonly<Record<string, string>>
  /** Whether there is such a thing in the tenant of the caller. */
  exists: boolean
  /** What each person is to it. Nobody else is anything. */
  relations: Readonly<Partial<Record<string, readonly Relation[]>>>
  ticket?: TicketView
}

/** A kind of thing, as people of a tenant come across it. */
export interface Kind {
  /** Those of the tenant, for somebody with this uid: their own, and others'. They stay as they are. */
  seenBy(tenant: Tenant, uid: string | null): Named[]
  /** Named by nobody. */
  none: Named
  /** Whether there is any that another tenant does not have: else it makes no difference whose it is. */
  isOfTenant: boolean
  /** Another one like this, for a call that changes it. */
  make(tenant: Tenant, like: Named): Promise<Named>
}

export type Kinds = Record<Thing, Kind>

/** All kinds that a path may name. A kind that is missing does not compile. */
export async function allKinds(world: TwoTenants): Promise<Kinds> {
  return {
    ticket: await tickets(world),
    person: await persons(world),
    session: await sessions(world),
    webhook: await webhooks(world),
    approval_template: await approvalTemplates(world),
    api_key: await apiKeys(world),
    passkey: await passkeys(world),
    channel: word({ channel: 'webhook' }, { channel: 'pigeon' }),
    notification_rule: word({ module: 'data_export', event: 'approved' }, { module: 'data_export', event: 'eaten' }),
  }
}

/**
 * All that a caller may name of a kind: what is there for them, what is there for the other tenant alone, and what is not
 * there. Whoever of beta has the name of somebody of acme is tried with what is acme's: what beta has is alike.
 */
export function namedBy(kind: Kind, { as, tenant }: Caller): Named[] {
  const uid = as !== null && 'uid' in as ? as.uid : null
  const own = kind.seenBy(tenant, uid)
  const isOwn = ({ params }: Named): boolean => own.some((one) => isDeepStrictEqual(one.params, params))
  const foreign = kind.isOfTenant ? kind.seenBy(otherThan(tenant), uid).filter((named) => !isOwn(named)) : []
  return [
    ...(tenant === 'acme' || !kind.isOfTenant ? own : []),
    ...foreign.map((named) => ({ ...named, label: `${named.label} of the other tenant`, exists: false })),
    kind.none,
  ]
}

const nothing = (params: Named['params']): Named => ({ label: 'nothing', params, exists: false, relations: {} })

/** What is a word of ours, the same for every tenant. */
function word(known: Named['params'], unknown: Named['params']): Kind {
  const named: Named = { label: Object.values(known).join(' '), params: known, exists: true, relations: {} }
  return { seenBy: () => [named], none: nothing(unknown), isOfTenant: false, make: () => Promise.resolve(named) }
}

/** Whoever reads a ticket beside the roles that read all, and as what. */
const onTheTicket: Partial<Record<Person, readonly Relation[]>> = {
  submitter: ['reader', 'submitter'],
  passed: ['reader'],
  approver: ['reader', 'approver'],
  cc: ['reader'],
  owner: ['reader'],
}

async function tickets(world: TwoTenants): Promise<Kind> {
  const passed = new Map<Tenant, Caller>()
  for (const tenant of tenants) passed.set(tenant, await person(world, tenant, 'passed'))
  const submit = async (tenant: Tenant, more: object): Promise<TicketView> => {
    const body = { module: 'perm_apply', title: markerOf(tenant), risk: 'low', ...more }
    const key = { authorization: `Bearer ${keyOf(tenant, 'both')}` }
    return TicketView.parse(await must(world.url, 'submitTicket', { body }, key))
  }
  /** At its second step of three: somebody has decided, somebody is asked, somebody will be. */
  const ours = async (tenant: Tenant): Promise<Named> => {
    const nodes = (['passed', 'approver', 'later'] as const).map((uid) => ({ name: uid, approvers: [uid] }))
    const submitted = await submit(tenant, { submitter: 'submitter', cc: ['cc'], owners: ['owner'], nodes })
    const body = { action: 'approve', contentHash: submitted.contentHash, node: 0 }
    const headers = passed.get(tenant)?.headers ?? {}
    await must(world.url, 'decide', { params: { id: submitted.id }, body }, headers)
    const ticket = { ...submitted, currentNode: 1 }
    return { label: 'their ticket', params: { id: ticket.id }, exists: true, relations: onTheTicket, ticket }
  }
  const strange = async (tenant: Tenant): Promise<Named> => {
    const nodes = [{ name: 'Owner', approvers: [strangers.approver] }]
    const ticket = await submit(tenant, { submitter: strangers.submitter, nodes })
    return { label: 'a ticket of strangers', params: { id: ticket.id }, exists: true, relations: {}, ticket }
  }
  const seen = new Map<Tenant, Named[]>()
  for (const tenant of tenants) seen.set(tenant, [await ours(tenant), await strange(tenant)])
  return {
    seenBy: (tenant) => seen.get(tenant) ?? [],
    none: nothing({ id: uuid() }),
    isOfTenant: true,
    make: (tenant, like) => (like.relations.submitter === undefined ? strange(tenant) : ours(tenant)),
  }
}

async function persons(world: TwoTenants): Promise<Kind> {
  const admins = new Map<Tenant, Caller>()
  for (const tenant of tenants) admins.set(tenant, await person(world, tenant, 'admin'))
  const self = (uid: string): Named => {
    return { label: 'themself', params: { id: uid }, exists: true, relations: { [uid]: ['self'] } }
  }
  const other = (uid: string): Named => ({ label: 'somebody else', params: { id: uid }, exists: true, relations: {} })
  return {
    seenBy: (tenant, uid) => [...(uid === null ? [] : [self(uid)]), other(onlyOf(tenant))],
    none: nothing({ id: 'no-such-person' }),
    isOfTenant: true,
    async make(tenant, like) {
      if (like.label === 'themself') return like
      const uid = `made-${uuid()}`
      const body = { uid, name: markerOf(tenant) }
      await must(world.url, 'createPerson', { body }, admins.get(tenant)?.headers ?? {})
      return other(uid)
    },
  }
}

async function sessions(world: TwoTenants): Promise<Kind> {
  const spare = async (tenant: Tenant, uid: string, label: string): Promise<Named> => {
    const headers = { cookie: await world.logIn(tenant, uid) }
    const { items } = SessionList.parse(await must(world.url, 'listMySessions', {}, headers))
    const id = items.find(({ isThis }) => isThis)?.id ?? ''
    return { label, params: { id }, exists: true, relations: { [uid]: ['holder'] } }
  }
  const seen = new Map<string, Named>()
  for (const tenant of tenants) {
    for (const uid of [...Object.keys(onTheTicket), 'member', 'later', 'dba', 'admin', 'security'])
      seen.set(`${tenant} ${uid}`, await spare(tenant, uid, 'a session of theirs'))
    seen.set(tenant, await spare(tenant, strangers.submitter, 'a session of somebody else'))
  }
  return {
    seenBy: (tenant, uid) => [seen.get(`${tenant} ${uid}`), seen.get(tenant)].filter((named) => named !== undefined),
    none: nothing({ id: uuid() }),
    isOfTenant: true,
    make: (tenant, like) => spare(tenant, Object.keys(like.relations)[0] ?? '', like.label),
  }
}

/** What was posted to the source of a ticket: to where nothing is ever posted, so that it is not tried again and again. */
async function webhooks(world: TwoTenants): Promise<Kind> {
  const seen = new Map<Tenant, Named[]>()
  for (const tenant of tenants) {
    const key = { authorization: `Bearer ${keyOf(tenant, 'both')}` }
    const nodes = [{ name: 'Owner', approvers: [strangers.approver] }]
    const told = { title: markerOf(tenant), callbackUrl: 'http://169.254.169.254/told' }
    const body = { module: 'perm_apply', submitter: strangers.submitter, nodes, ...told }
    const { id } = TicketView.parse(await must(world.url, 'submitTicket', { body }, key))
    await must(world.url, 'withdrawTicket', { params: { id }, body: {} }, key)
    await world.server.drain()
    const { items } = DeliveryList.parse(await must(world.url, 'listDeliveries', { params: { id } }, key))
    const posted = items.find(({ channel }) => channel === 'callback')
    seen.set(tenant, [{ label: 'a web hook', params: { id: posted?.id ?? '' }, exists: true, relations: {} }])
  }
  return {
    seenBy: (tenant) => seen.get(tenant) ?? [],
    none: nothing({ id: uuid() }),
    isOfTenant: true,
    make: (_, like) => Promise.resolve(like),
  }
}

async function approvalTemplates(world: TwoTenants): Promise<Kind> {
  const make = async (tenant: Tenant, id: string): Promise<Named> => {
    const { headers } = await person(world, tenant, 'admin')
    const nodes = [{ name: markerOf(tenant), approvers: ['approver'] }]
    await must(world.url, 'createApprovalTemplate', { body: { template: { id, module: 'nddl', nodes } } }, headers)
    return { label: 'a template', params: { id }, exists: true, relations: {} }
  }
  const seen = new Map<Tenant, Named[]>()
  for (const tenant of tenants) seen.set(tenant, [await make(tenant, `made-${onlyOf(tenant)}`)])
  return {
    seenBy: (tenant) => seen.get(tenant) ?? [],
    none: nothing({ id: 'no-such-template' }),
    isOfTenant: true,
    make: (tenant) => make(tenant, `made-${uuid()}`),
  }
}

async function apiKeys(world: TwoTenants): Promise<Kind> {
  const make = async (tenant: Tenant, name: string): Promise<Named> => {
    const { headers } = await person(world, tenant, 'admin')
    await must(world.url, 'createApiKey', { body: { name, scopes: ['tickets:read'] } }, headers)
    return { label: 'a key', params: { id: name }, exists: true, relations: {} }
  }
  const seen = new Map<Tenant, Named[]>()
  for (const tenant of tenants) seen.set(tenant, [await make(tenant, onlyOf(tenant))])
  return {
    seenBy: (tenant) => seen.get(tenant) ?? [],
    none: nothing({ id: 'no such key' }),
    isOfTenant: true,
    make: (tenant) => make(tenant, uuid()),
  }
}

/** Of somebody else alone: whoever had one would be asked for it. What owners may, the tests of the second factor say. */
async function passkeys(world: TwoTenants): Promise<Kind> {
  const seen = new Map<Tenant, Named[]>()
  for (const tenant of tenants) {
    const id = uuid()
    const whose = { tenantId: tenant, uid: onlyOf(tenant) }
    const record = { ...whose, id, name: markerOf(tenant), credentialId: id, publicKey: 'AA', counter: 0 }
    const { secondFactors } = world.server.context.store.stores
    await secondFactors.addPasskey({ ...record, transports: [], isSynced: false, createdAt: 1, lastUsedAt: null })
    seen.set(tenant, [{ label: 'a passkey of somebody else', params: { id }, exists: true, relations: {} }])
  }
  return {
    seenBy: (tenant) => seen.get(tenant) ?? [],
    none: nothing({ id: uuid() }),
    isOfTenant: true,
    make: (_tenant, like) => Promise.resolve(like),
  }
}
