import type { Coverage, CoverageProblem, CoverageQuery, CoveredPerson, TenantId, Uid } from '@countersign/contracts'
import type { KnownChannel } from '#server/db/coverage-store.ts'
import type { PlannedDelivery } from '#server/db/notice-fan-out.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import type { Notice, Template, User } from '#server/tickets/ports.ts'
import { type CoveredNode, isStuck } from './stuck.ts'

export type CoverageStores = Pick<Stores, 'coverage' | 'directory' | 'notices' | 'tenants'>

/**
 * Who would be told, as the outbox would plan it now, and with what is known of each way there. Changes nothing. Throws
 * AppError('not_found') for a template that does not exist.
 */
export async function cover(
  stores: CoverageStores,
  tenantId: TenantId,
  query: CoverageQuery,
  at: number,
): Promise<Coverage> {
  const template = await templateOf(stores, tenantId, query)
  const module = template?.module ?? query.module
  if (module === undefined) throw new AppError('not_found', 'there is no such template')
  const nodes = await nodesOf(stores, tenantId, query, template)
  const { event } = query
  const asksApprovers = asksForDecision(event)
  const submitters = query.submitter === undefined ? [] : [query.submitter]
  const recipients = asksApprovers ? nodes.flatMap(({ approvers }) => approvers) : submitters
  const notice = noticeOf({ tenantId, module, event, at, recipients, related: query.cc ?? [] })
  const rule = await stores.tenants.rule(tenantId, module, event)
  const isOn = rule?.enabled !== false
  const planned = isOn ? await stores.notices.plan(notice) : []
  const people = await coveredPeople(stores, tenantId, planned)
  const reached = new Set(people.flatMap(({ uid, isReachable }) => (isReachable ? [uid] : [])))
  return {
    module,
    event,
    template: template?.id ?? null,
    isOn,
    nodes: asksApprovers ? nodes.map((node) => ({ ...node, isStuck: isOn && isStuck(node, reached) })) : [],
    people,
    unreachable: people.length - reached.size,
    needsSubmitter: !asksApprovers && query.submitter === undefined,
  }
}

async function templateOf(
  { directory }: CoverageStores,
  tenantId: TenantId,
  { template, module }: CoverageQuery,
): Promise<Template | null> {
  if (template === undefined) return module === undefined ? null : directory.defaultTemplate(tenantId, module)
  const found = await directory.template(tenantId, template)
  if (found === null || (module !== undefined && found.module !== module)) {
    throw new AppError('not_found', 'there is no such template')
  }
  return found
}

/** The steps as a ticket would have them: the submitter is no approver unless the tenant allows it. */
async function nodesOf(
  { directory }: CoverageStores,
  tenantId: TenantId,
  { approvers, submitter }: CoverageQuery,
  template: Template | null,
): Promise<CoveredNode[]> {
  const drafted = approvers === undefined ? null : [{ name: '', rule: 'any' as const, approvers }]
  const nodes = drafted ?? template?.nodes ?? []
  if (submitter === undefined || (await directory.submissionRules(tenantId)).allowsSelfApproval) return nodes
  return nodes.map((node) => ({ ...node, approvers: node.approvers.filter((uid) => uid !== submitter) }))
}

type Told = Pick<Notice, 'tenantId' | 'module' | 'event' | 'at' | 'recipients' | 'related'>

/** As it would be announced for a ticket, which there is none of yet. */
function noticeOf(told: Told): Notice {
  const unknown = { owners: [], onlookers: [], ladder: [], dueAt: null }
  return { ...told, ...unknown, ticketId: '', key: 'coverage', recipients: [...new Set(told.recipients)] }
}

async function coveredPeople(
  { coverage, directory }: CoverageStores,
  tenantId: TenantId,
  planned: readonly PlannedDelivery[],
): Promise<CoveredPerson[]> {
  const uids = [...new Set(planned.map(({ recipient }) => recipient))]
  const [users, known] = await Promise.all([directory.users(tenantId, uids), coverage.channelsOf(tenantId, uids)])
  const people = uids.map((uid) => {
    const through = planned.filter(({ recipient, state }) => recipient === uid && state === 'queued')
    return coveredPerson({ uid, user: users.get(uid), known: known.get(uid) ?? [], through })
  })
  return people.toSorted((a, b) => Number(a.isReachable) - Number(b.isReachable) || (a.uid < b.uid ? -1 : 1))
}

interface Known {
  uid: Uid
  user: User | undefined
  known: readonly KnownChannel[]
  through: readonly PlannedDelivery[]
}

function coveredPerson({ uid, user, known, through }: Known): CoveredPerson {
  const isPlanned = ({ channel }: KnownChannel): boolean => through.some((planned) => planned.channel === channel)
  const ways = known.filter((way) => isPlanned(way) && way.failure === null)
  return {
    uid,
    name: user?.name ?? uid,
    isReachable: ways.length > 0,
    through: ways.map(({ channel, isProven }) => ({ channel, isProven })),
    problems: personProblem(user, known) ?? known.flatMap((way) => channelProblem(way, isPlanned(way))),
  }
}

/** What stands in the way of everything. */
function personProblem(user: User | undefined, known: readonly KnownChannel[]): CoverageProblem[] | null {
  const problem = (reason: CoverageProblem['reason']) => [{ channel: null, reason, code: null, at: null }]
  if (user === undefined) return problem('unknown_person')
  if (user.disabled) return problem('disabled')
  return known.length === 0 ? problem('not_bound') : null
}

/** Codes with which a courier says that the platform knows nobody, or somebody else, by the address. */
const notFoundCodes: readonly string[] = ['person_not_found', 'account_taken']

function channelProblem(
  { channel, hasAdapter, isEnabled, isWanted, failure }: KnownChannel,
  isPlanned: boolean,
): CoverageProblem[] {
  if (failure !== null && isPlanned) {
    const reason = notFoundCodes.includes(failure.code) ? 'not_found' : 'last_failed'
    return [{ channel, reason, code: failure.code, at: new Date(failure.at).toISOString() }]
  }
  if (isPlanned) return []
  const reason = !hasAdapter
    ? 'no_adapter'
    : !isEnabled
      ? 'channel_not_enabled'
      : !isWanted
        ? 'switched_off'
        : 'not_in_rule'
  return [{ channel, reason, code: null, at: null }]
}
