import { locales, refusalReasons } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { approvedCardModel } from '#server/channels/_card-model.ts'
import type { ActionReply } from '#server/channels/channel.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { answerTap } from './answer.ts'
import { renderCard } from './render.ts'

interface Answer {
  toast: { type: string; content: string }
  card?: { type: string; data: unknown }
}
const answer = (outcome: ActionReply['outcome'], more: Partial<ActionReply> = {}): Answer =>
  answerTap({ locale: 'en', outcome, card: null, ...more }) as Answer
const refused = (reason: (typeof refusalReasons)[number], by: string | null = null): ActionReply['outcome'] => ({
  ok: false,
  reason,
  by,
  status: null,
})

describe('the answer to a tap', () => {
  it.each([
    ['approve', 'approved', 'Approved. The ticket is now approved.'],
    ['approve', 'pending', 'Your approval is recorded. The ticket waits for more approvals.'],
    ['reject', 'rejected', 'Rejected. The submitter will see your reason.'],
    ['reject', 'pending', 'Your rejection is recorded. Others may still approve the ticket.'],
  ] as const)('says that %s has led to %s', (action, status, content) => {
    expect(answer({ ok: true, action, status })).toEqual({ toast: { type: 'success', content } })
  })

  it('carries the card as it is to look from now on', () => {
    const card = approvedCardModel()
    expect(answer({ ok: true, action: 'approve', status: 'approved' }, { card }).card).toEqual({
      type: 'raw',
      data: renderCard(card),
    })
  })

  it.each(refusalReasons)('calls nothing a success that was refused (%s), in every language', (reason) => {
    for (const locale of locales) {
      const { toast } = answer(refused(reason, '陈 Alice'), { locale })
      expect(['info', 'warning', 'error']).toContain(toast.type)
      expect(toast.content.trim()).not.toBe('')
    }
  })

  it.each([
    [
      'info',
      [
        'already_decided_by_you',
        'step_already_approved',
        'already_approved',
        'already_rejected',
        'already_withdrawn',
        'already_expired',
      ],
    ],
    [
      'warning',
      ['not_your_turn', 'content_changed', 'surface_not_allowed', 'reason_required', 'confirmation_required'],
    ],
    ['error', ['not_bound', 'user_disabled', 'not_visible', 'not_approver', 'invalid_proof']],
  ] as const)('is %s for %j', (type, reasons) => {
    for (const reason of reasons) expect(answer(refused(reason)).toast.type, reason).toBe(type)
  })

  it.each(['step_already_approved', 'already_approved', 'already_rejected'] as const)(
    'names who was faster (%s)',
    (reason) => {
      for (const locale of locales) {
        expect(answer(refused(reason, '陈 Alice'), { locale }).toast.content).toContain('陈 Alice')
        expect(answer(refused(reason), { locale }).toast.content).toBe(
          createTranslator(locale).text(`refusal.${reason}`),
        )
      }
    },
  )

  it('does not say that the last approver withdrew the ticket', () => {
    expect(answer(refused('already_withdrawn', 'Alice')).toast.content).not.toContain('Alice')
  })
})
