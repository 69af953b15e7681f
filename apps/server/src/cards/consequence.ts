import type { CardModel } from '#server/channels/channel.ts'
import type { Translator } from '#server/i18n/translator.ts'

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
