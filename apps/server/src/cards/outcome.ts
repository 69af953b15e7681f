import type { ActionReply } from '#server/channels/channel.ts'
import type { Translator } from '#server/i18n/translator.ts'

/** What became of a decision, as a sentence. `short` makes a name fit. */
export function wordOutcome(
  outcome: ActionReply['outcome'],
  { text }: Translator,
  short: (name: string) => string,
): string {
  if (outcome.ok) {
    if (outcome.action === 'approve')
      return text(outcome.status === 'approved' ? 'toast.approved' : 'toast.approvalRecorded')
    return text(outcome.status === 'rejected' ? 'toast.rejected' : 'toast.rejectionRecorded')
  }
  const { reason } = outcome
  const name = outcome.by === null ? '' : short(outcome.by)
  const isSettledBySomeone =
    reason === 'step_already_approved' || reason === 'already_approved' || reason === 'already_rejected'
  // Who withdrew or let expire is not who decided last.
  return isSettledBySomeone && name !== '' ? text(`refusal.${reason}.by`, { name }) : text(`refusal.${reason}`)
}
