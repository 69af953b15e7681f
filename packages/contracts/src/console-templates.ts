import { z } from 'zod'
import { Person } from './app.ts'
import { Uid } from './identifiers.ts'
import { ApprovalTemplate } from './provisioning.ts'
import { NodeRule } from './ticket.ts'

/* Approval templates in the console, for the roles `admin` and `dba`. */

/** Somebody whom a template names. */
export const TemplatePerson = Person.extend({
  /** `gone`: no person of the tenant has this uid any more. */
  state: z.enum(['active', 'disabled', 'gone']),
})
export type TemplatePerson = z.infer<typeof TemplatePerson>

export const ApprovalTemplateView = z.object({
  template: ApprovalTemplate,
  /** Everybody the template names, each once. */
  people: z.array(TemplatePerson),
  /** Used for tickets of its module that name neither template nor nodes. */
  isDefault: z.boolean(),
  /** Written by the provisioning file: can be changed there only. */
  provisioned: z.boolean(),
  /** Changes with the template; whoever replaces it says which one they saw. */
  revision: z.string(),
})
export type ApprovalTemplateView = z.infer<typeof ApprovalTemplateView>
export const ApprovalTemplateList = z.object({ items: z.array(ApprovalTemplateView) })

/** `POST /api/app/console/approval-templates`. */
export const CreateApprovalTemplate = z.strictObject({ template: ApprovalTemplate })
/** `PUT /api/app/console/approval-templates/{id}`: the id stays. */
export const ReplaceApprovalTemplate = z.strictObject({
  template: ApprovalTemplate,
  revision: z.string().min(1).max(128),
})

/** `POST /api/app/console/approval-template-preview`: who would be asked, were this person to submit a ticket. */
export const PreviewApprovalTemplate = z.strictObject({ template: ApprovalTemplate, submitter: Uid })
/** Why somebody of the template would not be asked. */
export const leftOutReasons = ['submitter', 'disabled', 'gone'] as const
/** Why a ticket would be refused at this step: nobody is left who may approve, or fewer than the rule needs. */
export const nodeProblems = ['nobody', 'too_few'] as const
export const ApprovalTemplatePreview = z.object({
  /** Whether a ticket would be accepted. */
  accepted: z.boolean(),
  submitter: TemplatePerson,
  nodes: z.array(
    z.object({
      name: z.string(),
      rule: NodeRule,
      asked: z.array(Person),
      leftOut: z.array(Person.extend({ reason: z.enum(leftOutReasons) })),
      problem: z.enum(nodeProblems).nullable(),
    }),
  ),
})
export type ApprovalTemplatePreview = z.infer<typeof ApprovalTemplatePreview>
