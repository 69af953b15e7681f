import type { Translator } from '#server/i18n/translator.ts'
import type { CardModel } from './channel.ts'
import { ellipsis } from './text.ts'

/* The progress and the outcome of a ticket, in the same words on every channel. */

type Node = CardModel['nodes'][number]

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

/** Why there is nothing to decide on an open ticket: what this person has decided, or that it is not theirs to decide. */
export function wordOwnPart(mine: CardModel['mine'], t: Translator): string {
  if (mine === null) return t.text('result.nothingToDo')
  return t.text(mine === 'approve' ? 'result.youApproved' : 'result.youRejected')
}

/**
 * Who closed a ticket, and how. Who let it expire is nobody, and an outcome without a name still has a word. `name` is of
 * the one who closed it, as far as there is room; empty when it is not known.
 */
export function wordClosing(status: Exclude<CardModel['status'], 'pending'>, name: string, t: Translator): string {
  if (status === 'expired') return t.text('result.expired')
  return name === '' ? t.text(`status.${status}`) : t.text(`result.${status}`, { name })
}
