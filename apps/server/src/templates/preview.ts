import type { ApprovalTemplate, ApprovalTemplatePreview, TenantId, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { eligibleNodes, nodeProblem, presentNodes } from '#server/tickets/submission.ts'
import { templatePerson } from './view.ts'

/** Who would be asked, were this person to submit a ticket by this template: planned as a submission is. */
export async function previewTemplate(
  stores: Pick<Stores, 'people' | 'tenants' | 'directory'>,
  tenantId: TenantId,
  template: ApprovalTemplate,
  submitter: Uid,
): Promise<ApprovalTemplatePreview> {
  const present = await presentNodes(template, tenantId, stores.directory)
  const tenant = await stores.tenants.tenant(tenantId)
  const { nodes } = eligibleNodes(present, submitter, tenant?.allowSelfApproval === true)
  const uids = [submitter, ...template.nodes.flatMap((node) => node.approvers)]
  const rows = await stores.people.rows(tenantId, [...new Set(uids)])
  const person = (uid: Uid) => templatePerson(uid, rows.get(uid))
  const shown = nodes.map((node, index) => {
    const named = [...new Set(template.nodes[index]?.approvers ?? [])]
    const leftOut = named.filter((uid) => !node.approvers.includes(uid))
    return {
      name: node.name,
      rule: node.rule,
      asked: node.approvers.map((uid) => ({ uid, name: person(uid).name })),
      leftOut: leftOut.map((uid) => {
        const { name, state } = person(uid)
        return { uid, name, reason: state === 'active' ? ('submitter' as const) : state }
      }),
      problem: nodeProblem(node),
    }
  })
  const who = person(submitter)
  return {
    accepted: who.state === 'active' && shown.every(({ problem }) => problem === null),
    submitter: who,
    nodes: shown,
  }
}
