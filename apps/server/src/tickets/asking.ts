import type { NoticeEvent } from '@countersign/contracts'

/** Whether a notice asks for a decision, and so goes to the approvers; every other goes to the submitter. */
export function asksForDecision(event: NoticeEvent): boolean {
  return event === 'pending' || event === 'reminded' || event === 'changed'
}
