import type { RefusalReason } from '@countersign/contracts'
import { wordOutcome } from '#server/cards/outcome.ts'
import type { ActionReply } from '#server/channels/channel.ts'
import { ellipsis } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { renderCard } from './render.ts'

type ToastType = 'success' | 'info' | 'warning' | 'error'

/** How a refusal is shown: `info` the matter is settled, `warning` the person can go on, `error` they cannot. */
const toastByReason: Readonly<Record<RefusalReason, ToastType>> = {
  not_bound: 'error',
  user_disabled: 'error',
  not_visible: 'error',
  not_approver: 'error',
  invalid_proof: 'error',
  handed_over: 'info',
  not_your_turn: 'warning',
  content_changed: 'warning',
  surface_not_allowed: 'warning',
  reason_required: 'warning',
  confirmation_required: 'warning',
  already_decided_by_you: 'info',
  step_already_approved: 'info',
  already_approved: 'info',
  already_rejected: 'info',
  already_withdrawn: 'info',
  already_expired: 'info',
}

/** A toast is one or two lines on a phone. */
const MAX_NAME = 64
const short = (name: string): string => ellipsis(name, MAX_NAME)

/** The HTTP answer to a tap: what to say at once, and the card as it is to look from now on. */
export function answerTap(reply: ActionReply): unknown {
  const translator = createTranslator(reply.locale)
  const toast = { type: toastType(reply.outcome), content: wordOutcome(reply.outcome, translator, short) }
  if (reply.card === null) return { toast }
  return { toast, card: { type: 'raw', data: renderCard(reply.card) } }
}

function toastType(outcome: ActionReply['outcome']): ToastType {
  return outcome.ok ? 'success' : toastByReason[outcome.reason]
}
