import type { TicketDetail } from '@countersign/contracts'
import { t } from '../i18n/i18n.ts'
import type { IconName } from '../ui/icon-paths.ts'

type Node = TicketDetail['nodes'][number]

/** One thing that an approval brings about. */
export interface Consequence {
  icon: IconName
  text: string
  isStrong: boolean
}

/** How many approvals a node needs in all. The submitter never counts, and is not among its approvers. */
function approvalsNeeded(node: Node): number {
  if (node.rule === 'any') return 1
  return node.rule === 'all' ? node.approvers.length : node.rule.quorum
}

/** Whether one more approval completes the current node, and what comes after it. */
export function outlook(ticket: Pick<TicketDetail, 'nodes' | 'node'>): {
  completes: boolean
  next: string | undefined
} {
  const node = ticket.nodes[ticket.node.index]
  if (node === undefined) return { completes: true, next: undefined }
  const given = node.approvers.filter((approver) => approver.decision === 'approve').length
  return { completes: given + 1 >= approvalsNeeded(node), next: ticket.nodes[ticket.node.index + 1]?.name }
}

/** What approving does, in the order that matters to the person who is about to. */
export function whatHappensOnApproval(ticket: TicketDetail): Consequence[] {
  const { completes, next } = outlook(ticket)
  const isLast = completes && next === undefined
  const course = completes
    ? next === undefined
      ? t('decide.lastStep')
      : t('decide.nextStep', { name: next })
    : t('decide.moreApprovals')
  return [
    { icon: completes ? 'check' : 'clock', text: course, isStrong: false },
    ticket.executesOnApproval
      ? { icon: 'bolt', text: isLast ? t('decide.willRun') : t('ticket.runsText'), isStrong: isLast }
      : { icon: 'undo', text: t('decide.willNotRun'), isStrong: false },
  ]
}

/** What has become of the ticket after this person's decision. */
export function outcomeText(ticket: TicketDetail, action: 'approve' | 'reject'): string {
  if (ticket.status === 'approved') return t('decide.doneApproved')
  if (ticket.status === 'rejected') return t('decide.doneRejected')
  if (action === 'reject') return t('decide.doneRecorded')
  const current = ticket.nodes[ticket.node.index]
  const isWaitingForOthers = current?.approvers.some((approver) => approver.decision === 'approve') === true
  if (current === undefined) return t('decide.doneRecorded')
  return isWaitingForOthers ? t('decide.doneMore') : t('decide.doneNext', { name: current.name })
}
