import { endpoints, type TicketDetail, type TicketSummary, type TicketTab } from '@countersign/contracts'
import { people, seeds, type Uid } from './mock-tickets.ts'

const hourMs = 3_600_000

/** One person's tickets, kept in memory and changed by their decisions. */
export interface World {
  tickets: TicketDetail[]
  list: (
    tab: TicketTab,
    query: { q?: string | undefined; cursor?: string | undefined; limit: number },
  ) => ReturnType<typeof page>
  find: (id: string) => TicketDetail | undefined
}

/** `copies` repeats the seeds, to fill more than one page. */
export function createWorld(me: Uid, now: number, options: { copies: number; isEmpty: boolean }): World {
  const tickets: TicketDetail[] = []
  for (let copy = 0; copy < (options.isEmpty ? 0 : options.copies); copy += 1) {
    tickets.push(...seeds.map((_, index) => build(index, copy, me, now)))
  }
  return {
    tickets,
    find: (id) => tickets.find((ticket) => ticket.id === id),
    list: (tab, query) => page(tickets, tab, me, query),
  }
}

function build(index: number, copy: number, me: Uid, now: number): TicketDetail {
  const seed = seeds[index]
  if (seed === undefined) throw new Error('No such seed')
  const at = (hoursAgo: number) => new Date(now - hoursAgo * hourMs).toISOString()
  const createdAt = at(seed.hoursAgo + copy * 24)
  const status = seed.status ?? 'pending'
  const passed = seed.passed ?? 0
  const names = seed.nodes ?? [['DBA', ['wei']]]
  const nodes: TicketDetail['nodes'] = names.map(([name, approvers, rule], position) => {
    const isDone = position < passed || (status !== 'pending' && status !== 'withdrawn')
    const nodeStatus = isDone
      ? status === 'rejected'
        ? 'rejected'
        : 'approved'
      : position > passed
        ? 'waiting'
        : status
    return {
      index: position,
      name,
      rule: rule ?? 'any',
      status: nodeStatus,
      approvers: approvers.map((uid, place) => ({
        ...people[uid],
        decision: isDone && place === 0 ? (status === 'rejected' ? 'reject' : 'approve') : null,
        decidedAt: isDone && place === 0 ? at(seed.hoursAgo * 0.6) : null,
      })),
    }
  })
  const history: TicketDetail['history'] = [
    {
      at: createdAt,
      actor: people[seed.submitter],
      action: 'submit',
      via: 'api',
      comment: null,
      node: null,
      superseded: false,
      transfer: null,
    },
  ]
  nodes.forEach((node) => {
    for (const approver of node.approvers) {
      if (approver.decision === null || approver.decidedAt === null) continue
      const via = node.index % 2 === 0 ? 'card:feishu' : 'h5'
      const comment = approver.decision === 'reject' ? '请先补充回滚方案。 Please add a way back.' : '范围清楚，同意。'
      history.push({
        at: approver.decidedAt,
        actor: approver,
        action: approver.decision,
        via,
        comment,
        node: node.index,
        superseded: false,
        transfer: null,
      })
    }
  })
  const current = nodes[Math.min(passed, nodes.length - 1)]
  const mine = nodes
    .flatMap((node) => node.approvers)
    .find((approver) => approver.uid === me && approver.decision !== null)
  const mayDecide =
    status === 'pending' && current?.approvers.some((approver) => approver.uid === me) === true && mine === undefined
  const isMine = seed.submitter === me
  const finished = {
    approved: 'already_approved',
    rejected: 'already_rejected',
    withdrawn: 'already_withdrawn',
    expired: 'already_expired',
  } as const
  return {
    id: `tk-${copy}-${index}`,
    number: 1042 - index - copy * seeds.length,
    title: seed.title,
    module: seed.module,
    risk: seed.risk,
    status,
    submitter: people[seed.submitter],
    createdAt,
    updatedAt: createdAt,
    dueAt: seed.dueInHours === undefined ? null : at(-seed.dueInHours),
    node: { index: current?.index ?? 0, name: current?.name ?? '', count: nodes.length },
    myDecision: mine?.decision ?? null,
    externalId: null,
    description: seed.description ?? '',
    fields: seed.fields ?? [],
    code: seed.code ?? [],
    attachments: seed.attachments ?? [],
    url: 'https://dms.example.com/order/1042',
    cc: (seed.cc ?? []).map((uid) => people[uid]),
    owners: [],
    executesOnApproval: seed.runs ?? false,
    contentHash: `sha256:${copy}-${index}`,
    version: 1,
    decidedAt: status === 'pending' ? null : createdAt,
    nodes,
    history,
    permissions: {
      decide: {
        allowed: mayDecide,
        reason: mayDecide
          ? null
          : status === 'pending'
            ? mine
              ? 'already_decided_by_you'
              : 'not_approver'
            : finished[status],
      },
      withdraw: { allowed: isMine && status === 'pending', reason: null },
      remind: { allowed: isMine && status === 'pending', reason: null },
      comment: { allowed: true, reason: null },
    },
    needsConfirmation: seed.risk === 'high',
  }
}

const isIn: Record<TicketTab, (ticket: TicketDetail, me: string) => boolean> = {
  pending: (ticket) => ticket.permissions.decide.allowed,
  done: (ticket) => ticket.myDecision !== null,
  submitted: (ticket, me) => ticket.submitter.uid === me,
  cc: (ticket, me) => ticket.cc.some((person) => person.uid === me),
}

function page(
  tickets: TicketDetail[],
  tab: TicketTab,
  me: string,
  query: { q?: string | undefined; cursor?: string | undefined; limit: number },
) {
  const matching = tickets.filter(
    (ticket) => isIn[tab](ticket, me) && ticket.title.toLowerCase().includes((query.q ?? '').toLowerCase()),
  )
  const from = Number(query.cursor ?? 0)
  const count = (name: TicketTab) => tickets.filter((ticket) => isIn[name](ticket, me)).length
  const items: TicketSummary[] = matching.slice(from, from + query.limit)
  return endpoints.listMyTickets.response.parse({
    items,
    nextCursor: matching.length > from + query.limit ? String(from + query.limit) : null,
    counts: { pending: count('pending'), done: count('done'), submitted: count('submitted'), cc: count('cc') },
  })
}

/** What a decision does to a ticket here: enough for the pages, not the real engine. */
export function decideInWorld(
  ticket: TicketDetail,
  me: Uid,
  action: 'approve' | 'reject',
  comment: string | undefined,
): void {
  const at = new Date().toISOString()
  const node = ticket.nodes[ticket.node.index]
  const approver = node?.approvers.find((candidate) => candidate.uid === me)
  if (node === undefined || approver === undefined) return
  Object.assign(approver, { decision: action, decidedAt: at })
  ticket.myDecision = action
  ticket.history.push({
    at,
    actor: people[me],
    action,
    via: 'h5',
    comment: comment ?? null,
    node: node.index,
    superseded: false,
    transfer: null,
  })
  const needed = node.rule === 'any' ? 1 : node.rule === 'all' ? node.approvers.length : node.rule.quorum
  const given = node.approvers.filter((candidate) => candidate.decision === 'approve').length
  ticket.permissions.decide = { allowed: false, reason: 'already_decided_by_you' }
  if (action === 'reject') {
    node.status = 'rejected'
    ticket.status = 'rejected'
  } else if (given >= needed) {
    node.status = 'approved'
    const next = ticket.nodes[node.index + 1]
    if (next === undefined) ticket.status = 'approved'
    else {
      next.status = 'pending'
      ticket.node = { index: next.index, name: next.name, count: ticket.nodes.length }
    }
  }
  ticket.updatedAt = at
}
