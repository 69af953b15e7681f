import type { ChangeTicket, SubmitTicket, Uid } from '@countersign/contracts'
import { type FieldError, TicketError } from './errors.ts'
import type { PeopleDirectory, Template, User } from './ports.ts'
import { approvalsNeeded, type ReminderStep, type TicketContent, type TicketNode } from './ticket.ts'

/** Submitter, approvers, cc and owners as they were typed, each with the path it stood at. */
function namedPeople(input: SubmitTicket): { path: string; uid: Uid }[] {
  return [
    { path: 'submitter', uid: input.submitter },
    ...(input.nodes ?? []).flatMap((node, n) =>
      node.approvers.map((uid, a) => ({ path: `nodes.${n}.approvers.${a}`, uid })),
    ),
    ...input.cc.map((uid, c) => ({ path: `cc.${c}`, uid })),
    ...(input.owners ?? []).map((uid, o) => ({ path: `owners.${o}`, uid })),
  ]
}

/** Every uid that is no active person of the tenant. */
export function unknownPeople(people: { path: string; uid: Uid }[], users: ReadonlyMap<Uid, User>): FieldError[] {
  return people.flatMap(({ path, uid }) => {
    const user = users.get(uid)
    if (user === undefined) return [{ path, message: `no person of this tenant has the uid ${uid}` }]
    return user.disabled ? [{ path, message: `${uid} is disabled` }] : []
  })
}

/** The nodes as they will decide: the submitter taken out where self-approval is banned, each approver once. */
export function eligibleNodes(
  nodes: Pick<TicketNode, 'name' | 'rule' | 'approvers'>[],
  submitter: Uid,
  allowSelfApproval: boolean,
): { nodes: TicketNode[]; errors: FieldError[] } {
  const errors: FieldError[] = []
  const eligible = nodes.map((node, index) => {
    const approvers = [...new Set(node.approvers)].filter((uid) => allowSelfApproval || uid !== submitter)
    const result: TicketNode = { name: node.name, rule: node.rule, approvers, decisions: [] }
    const problem = nodeProblem(result)
    if (problem === 'nobody') {
      errors.push({ path: 'nodes', message: `node ${index} (${node.name}) has nobody who may approve` })
    } else if (problem === 'too_few') {
      const needed = approvalsNeeded(result)
      errors.push({
        path: 'nodes',
        message: `node ${index} (${node.name}) needs ${needed} of ${approvers.length} people`,
      })
    }
    return result
  })
  return { nodes: eligible, errors }
}

/** Why no ticket could pass this node: nobody is left who may approve, or fewer than its rule needs. */
export function nodeProblem(node: TicketNode): 'nobody' | 'too_few' | null {
  if (node.approvers.length === 0) return 'nobody'
  return approvalsNeeded(node) > node.approvers.length ? 'too_few' : null
}

/** Checks the people of a submission and finds its nodes; throws `invalid_ticket` with every bad field. */
export async function planSubmission(
  input: SubmitTicket,
  tenantId: string,
  directory: PeopleDirectory,
): Promise<{ nodes: TicketNode[]; template: Template | null; reminders: ReminderStep[] }> {
  const people = namedPeople(input)
  const users = await directory.users(tenantId, [...new Set(people.map(({ uid }) => uid))])
  const errors = unknownPeople(people, users)
  const template = await findTemplate(input, tenantId, directory, errors)
  const nodes = input.nodes ?? (template === null ? undefined : await presentNodes(template, tenantId, directory))
  if (nodes === undefined) throw new TicketError('invalid_ticket', 'the ticket is not acceptable', { errors })
  const { allowsSelfApproval, reminders } = await directory.submissionRules(tenantId)
  const eligible = eligibleNodes(nodes, input.submitter, allowsSelfApproval)
  errors.push(...eligible.errors)
  if (errors.length > 0) throw new TicketError('invalid_ticket', 'the ticket is not acceptable', { errors })
  return { nodes: eligible.nodes, template, reminders: template?.reminders ?? reminders }
}

/** The nodes of a template with the people who are still there: it was written down once, and people leave. */
export async function presentNodes(
  { nodes }: Pick<Template, 'nodes'>,
  tenantId: string,
  directory: PeopleDirectory,
): Promise<Template['nodes']> {
  const users = await directory.users(tenantId, [...new Set(nodes.flatMap((node) => node.approvers))])
  const isPresent = (uid: Uid): boolean => users.get(uid)?.disabled === false
  return nodes.map((node) => ({ ...node, approvers: node.approvers.filter(isPresent) }))
}

async function findTemplate(
  input: SubmitTicket,
  tenantId: string,
  directory: PeopleDirectory,
  errors: FieldError[],
): Promise<Template | null> {
  if (input.nodes !== undefined) return null
  if (input.template !== undefined) {
    const named = await directory.template(tenantId, input.template)
    if (named === null) errors.push({ path: 'template', message: `no approval template has the id ${input.template}` })
    return named
  }
  const standard = await directory.defaultTemplate(tenantId, input.module)
  if (standard === null) {
    errors.push({
      path: 'nodes',
      message: `module ${input.module} has no approval template, so give nodes or a template`,
    })
  }
  return standard
}

const toMs = (timestamp: string | null | undefined): number | null =>
  timestamp === null || timestamp === undefined ? null : Date.parse(timestamp)

export function submittedContent(input: SubmitTicket, template: Template | null): TicketContent {
  return {
    module: input.module,
    title: input.title,
    description: input.description,
    submitter: input.submitter,
    risk: input.risk ?? template?.risk ?? 'medium',
    fields: input.fields,
    code: input.code,
    attachments: input.attachments,
    url: input.url ?? null,
    dueAt: toMs(input.dueAt),
    executesOnApproval: input.executesOnApproval,
  }
}

export function changedContent(content: TicketContent, change: ChangeTicket): TicketContent {
  return {
    ...content,
    title: change.title ?? content.title,
    description: change.description ?? content.description,
    risk: change.risk ?? content.risk,
    fields: change.fields ?? content.fields,
    code: change.code ?? content.code,
    attachments: change.attachments ?? content.attachments,
    url: change.url === undefined ? content.url : change.url,
    dueAt: change.dueAt === undefined ? content.dueAt : toMs(change.dueAt),
    executesOnApproval: change.executesOnApproval ?? content.executesOnApproval,
  }
}
