import type { Translator } from '#server/i18n/translator.ts'
import type { ActionReply, CardModel } from './channel.ts'
import { ellipsis } from './text.ts'

/* Sentences that every channel says in the same words. */

type Node = CardModel['nodes'][number]

/** What this person's approval leads to, so that nobody has to guess. `short` makes a step's name fit. */
export function wordConsequence(
  card: Pick<CardModel, 'executesOnApproval'> & { nodes: readonly Node[] },
  t: Translator,
  short: (stepName: string) => string,
): string {
  const index = card.nodes.findIndex((node) => node.status === 'pending')
  const node = card.nodes[index]
  const following = card.nodes[index + 1]
  const missing = node === undefined ? 0 : approvalsMissing(node) - 1
  const isLast = missing <= 0 && following === undefined
  if (isLast) return t.text(card.executesOnApproval ? 'onApproval.executes' : 'onApproval.records')
  const next =
    missing > 0 || following === undefined
      ? t.text('onApproval.sameStep', { count: missing })
      : t.text('onApproval.nextStep', { step: short(following.name) })
  return t.sentences([next, t.text(card.executesOnApproval ? 'onApproval.executesLater' : 'onApproval.recordsLater')])
}

function approvalsMissing({ rule, approvers }: Node): number {
  const needed = rule === 'any' ? 1 : rule === 'all' ? approvers.length : rule.quorum
  return needed - approvers.filter(({ decision }) => decision === 'approve').length
}

/** How many people are named at a node, and how long each name may be, in UTF-16 units. */
export interface PeopleBudget {
  people: number
  name: number
}

/** How many approvals a node needs. */
export function wordRule({ rule, approvers }: Node, t: Translator): string {
  if (rule === 'any' || rule === 'all') return t.text(`progress.${rule}`)
  return t.text('progress.quorum', { needed: rule.quorum, count: approvers.length })
}

/** Who of a node has decided what and who is waited for, a line each. */
export function wordPeople(node: Node, t: Translator, budget: PeopleBudget): string {
  const named = (decision: 'approve' | 'reject' | null): string => nameList(node, decision, t, budget)
  const lines: string[] = []
  const [approved, rejected, undecided] = [named('approve'), named('reject'), named(null)]
  if (approved !== '') lines.push(t.text('progress.approvedBy', { names: approved }))
  if (rejected !== '') lines.push(t.text('progress.rejectedBy', { names: rejected }))
  if (undecided !== '' && node.status === 'pending') lines.push(t.text('progress.waitingFor', { names: undecided }))
  if (undecided !== '' && node.status === 'waiting') lines.push(t.text('progress.later', { names: undecided }))
  return lines.join('\n')
}

function nameList(node: Node, decision: 'approve' | 'reject' | null, t: Translator, budget: PeopleBudget): string {
  const names = node.approvers.filter((approver) => approver.decision === decision).map((approver) => approver.name)
  const shown = names.slice(0, budget.people).map((name) => ellipsis(name, budget.name))
  const rest = names.length - shown.length
  if (rest === 0) return shown.length === 0 ? '' : t.list(shown)
  return `${shown.join(t.locale === 'zh-CN' || t.locale === 'ja' ? '、' : ', ')} ${t.text('shortened.people', { count: rest })}`
}

/** The sentence is one or two lines on a phone. */
const MAX_NAME = 64

/** What became of a decision, as a sentence. `short` makes a person's name fit. */
export function wordOutcome(
  outcome: ActionReply['outcome'],
  { text }: Translator,
  short = (name: string): string => ellipsis(name, MAX_NAME),
): string {
  if (outcome.ok) {
    if (outcome.action === 'approve')
      return text(outcome.status === 'approved' ? 'toast.approved' : 'toast.approvalRecorded')
    return text(outcome.status === 'rejected' ? 'toast.rejected' : 'toast.rejectionRecorded')
  }
  const { reason } = outcome
  const name = outcome.by === null ? '' : short(outcome.by)
  const isSettledBySomeone =
    reason === 'step_already_approved' || reason === 'already_approved' || reason === 'already_rejected'
  // Who withdrew or let expire is not who decided last.
  return isSettledBySomeone && name !== '' ? text(`refusal.${reason}.by`, { name }) : text(`refusal.${reason}`)
}
