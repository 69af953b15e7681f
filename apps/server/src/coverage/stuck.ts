import type { NodeRule, Uid } from '@countersign/contracts'

export interface CoveredNode {
  name: string
  rule: NodeRule
  approvers: Uid[]
}

/** Whether a step cannot be passed by those who would be told of it. */
export function isStuck({ rule, approvers }: CoveredNode, reached: ReadonlySet<Uid>): boolean {
  const needed = rule === 'any' ? 1 : rule === 'all' ? approvers.length : rule.quorum
  return approvers.filter((uid) => reached.has(uid)).length < Math.max(1, needed)
}
