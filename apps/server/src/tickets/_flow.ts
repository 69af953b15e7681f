import type { NodeRule, Risk } from '@countersign/contracts'
import { contentHash } from './content-hash.ts'
import type { Ticket, TicketContent, TicketNode } from './ticket.ts'

/** Test material: a ticket as it stands right after submission. */
export function newTicket(given: {
  nodes: { approvers: string[]; rule?: NodeRule }[]
  risk?: Risk
  submitter?: string
  cc?: string[]
  owners?: string[]
  rejectWhenQuorumImpossible?: boolean
}): Ticket {
  const content: TicketContent = {
    module: 'data_export',
    title: 'Export orders Q3',
    description: 'For the auditors.',
    submitter: given.submitter ?? 'bob',
    risk: given.risk ?? 'low',
    fields: [{ label: 'Database', value: 'orders@prod' }],
    code: [{ language: 'sql', title: 'Statement', text: 'select 1' }],
    attachments: [],
    url: null,
    dueAt: null,
    executesOnApproval: true,
  }
  const nodes: TicketNode[] = given.nodes.map(({ approvers, rule }, index) => ({
    name: `Node ${index}`,
    rule: rule ?? 'any',
    approvers,
    decisions: [],
  }))
  return {
    tenantId: 'acme',
    id: 't1',
    number: 1001,
    externalId: null,
    template: null,
    status: 'pending',
    currentNode: 0,
    reachedNode: 0,
    version: 1,
    contentVersion: 1,
    contentHash: contentHash(content),
    content,
    nodes,
    cc: given.cc ?? [],
    owners: given.owners ?? [],
    reminders: [],
    surfaces: null,
    rejectWhenQuorumImpossible: given.rejectWhenQuorumImpossible ?? false,
    callbackUrl: null,
    apiKeyName: null,
    createdAt: 1_000,
    updatedAt: 1_000,
    decidedAt: null,
  }
}
