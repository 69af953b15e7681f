import type { TicketDetail } from '@countersign/contracts'
import type { MessageKey } from '../i18n/i18n.ts'

/** One thing that an approval brings about, in the words of the catalogue. */
export interface Consequence {
  key: MessageKey
  values: Record<string, string>
}

/** What approving does, in the order that matters to the person who is about to. Pure. */
export function whatHappens(ticket: Pick<TicketDetail, 'nodes' | 'node' | 'executesOnApproval'>): Consequence[] {
  const node = ticket.nodes[ticket.node.index]
  const next = ticket.nodes[ticket.node.index + 1]
  const completes = node === undefined || approvalsGiven(node) + 1 >= approvalsNeeded(node)
  const isLast = completes && next === undefined
  const say = (key: MessageKey, values: Record<string, string> = {}): Consequence => ({ key, values })
  const course = isLast
    ? say('decide.lastStep')
    : completes
      ? say('decide.nextStep', { name: next?.name ?? '' })
      : say('decide.moreApprovals')
  if (!ticket.executesOnApproval) return [course, say('decide.willNotRun')]
  return [course, say(isLast ? 'decide.willRun' : 'decide.willRunLater')]
}

type Node = TicketDetail['nodes'][number]

function approvalsGiven({ approvers }: Node): number {
  return approvers.filter(({ decision }) => decision === 'approve').length
}

/** In all. The submitter never counts, and is not among a node's approvers. */
function approvalsNeeded({ rule, approvers }: Node): number {
  if (rule === 'any') return 1
  return rule === 'all' ? approvers.length : rule.quorum
}
