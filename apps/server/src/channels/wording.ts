import type { Translator } from '#server/i18n/translator.ts'
import type { CardModel } from './channel.ts'
import { ellipsis } from './text.ts'

/* The progress of a ticket, in the same words on every channel. */

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
