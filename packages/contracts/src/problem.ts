import { z } from 'zod'

/** RFC 9457 `application/problem+json`: every error of every API. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** Stable, for programs. */
  code: z.string(),
  /** One sentence a person can act on. */
  detail: z.string(),
  /** Bad input: every bad field, `path` dotted (`nodes.0.approvers.1`). */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  requestId: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** Why a decision was not taken. Each surface words it for the person. */
export const refusalReasons = [
  'not_bound',
  'user_disabled',
  'not_visible',
  'not_approver',
  'not_your_turn',
  'handed_over',
  'already_decided_by_you',
  'step_already_approved',
  'already_approved',
  'already_rejected',
  'already_withdrawn',
  'already_expired',
  'content_changed',
  'surface_not_allowed',
  'reason_required',
  'confirmation_required',
  'invalid_proof',
] as const
export const RefusalReason = z.enum(refusalReasons)
export type RefusalReason = z.infer<typeof RefusalReason>
