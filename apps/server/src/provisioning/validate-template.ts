import type { ApprovalTemplate } from '@countersign/contracts'
import { at, type FileProblem, repeated } from './file-problem.ts'

/**
 * What the schema of a template cannot see: people who are not there, or named twice, and quorums that nobody could reach.
 * The same for the provisioning file and the console. `path` is where the template stands, with its last dot.
 */
export function validateTemplate(
  { nodes }: ApprovalTemplate,
  isPerson: (uid: string) => boolean,
  path = '',
): FileProblem[] {
  return nodes.flatMap(({ approvers, rule }, index) => {
    const own = `${path}nodes.${index}`
    const problems = approvers.flatMap((uid, place) =>
      isPerson(uid) ? [] : [at(`${own}.approvers.${place}`, 'must be a user of the tenant')],
    )
    for (const place of repeated(approvers, (uid) => uid))
      problems.push(at(`${own}.approvers.${place}`, 'is named twice in this node'))
    if (typeof rule === 'object' && rule.quorum > new Set(approvers).size)
      problems.push(at(`${own}.rule.quorum`, 'must not be more than there are approvers'))
    return problems
  })
}
