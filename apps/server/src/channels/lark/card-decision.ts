import { wordConsequence } from '#server/cards/consequence.ts'
import { ellipsis, shorten } from '#server/channels/text.ts'
import { wordClosing, wordOwnPart } from '#server/channels/wording.ts'
import type { Translator } from '#server/i18n/translator.ts'
import type { Budget } from './card-budget.ts'
import {
  approveButton,
  type Confirmation,
  divider,
  type Element,
  group,
  label,
  line,
  linkButton,
  note,
  rejectForm,
  row,
} from './card-elements.ts'
import type { Section } from './card-facts.ts'
import type { CleanCard } from './clean-card.ts'

/** The last part of a card: the decision, the way to it, or only the link. */
export function decisionSection(card: CleanCard, t: Translator, budget: Budget): Element[] {
  const open = (type: 'default' | 'primary_filled'): Element =>
    linkButton(t.text(type === 'default' ? 'card.open' : 'card.review'), card.link, type)
  if (card.decision === 'none') return [divider, open('default')]
  const consequence = wordConsequence(card, t, (step) => ellipsis(step, budget.name))
  const before = [divider, group([label(t.text('card.onApproval')), line(consequence)])]
  if (card.decision === 'review') {
    const why =
      card.risk === 'high' ? line(t.text('review.highRisk'), { color: 'red' }) : line(t.text('review.elsewhere'))
    return [...before, why, open('primary_filled')]
  }
  const ticket = `#${card.number}`
  const asks = (title: string, text: string): Confirmation | null =>
    card.decision === 'confirm' ? { title, text } : null
  return [
    ...before,
    row([
      [approveButton(t.text('card.approve'), card.approve, asks(t.text('confirm.approve', { ticket }), consequence))],
      [open('default')],
    ]),
    rejectForm(
      { reason: t.text('card.reason'), hint: t.text('card.reasonHint'), reject: t.text('card.reject') },
      card.reject,
      asks(t.text('confirm.reject', { ticket }), t.text('confirm.rejectText')),
    ),
  ]
}

const resultLook = {
  approved: { mark: '✓', color: 'green' },
  rejected: { mark: '✗', color: 'carmine' },
  withdrawn: { mark: '–', color: 'grey' },
  expired: { mark: '–', color: 'grey' },
} as const

/** The first part of a card that leaves nothing to decide: who decided what and when, or why there is nothing to do. */
export function resultSection(card: CleanCard, t: Translator, budget: Budget): Section {
  if (card.decision !== 'none') return { elements: [], isShortened: false }
  if (card.status === 'pending') {
    const words = card.isReplaced === true ? t.text('result.replaced') : wordOwnPart(card.mine, t)
    return { elements: [line(words, { color: 'grey' }), divider], isShortened: false }
  }
  const { mark, color } = resultLook[card.status]
  const words = wordClosing(card.status, ellipsis(card.outcome?.by ?? '', budget.name), t)
  const headline = line(`${mark} ${words}`, { size: 'heading', color })
  if (card.outcome === null) return { elements: [headline, divider], isShortened: false }
  const elements = [group([headline, label(t.dateTime(card.outcome.at, card.timeZone))])]
  const comment = shorten(card.outcome.comment, budget.description)
  const isShortened = comment.shown < comment.total
  if (comment.total > 0) {
    const heading = label(t.text(card.status === 'rejected' ? 'result.reason' : 'result.comment'))
    const mark = note(t.text('shortened.text', { shown: comment.shown, total: comment.total }))
    elements.push(group([heading, line(comment.text), ...(isShortened ? [mark] : [])]))
  }
  return { elements: [...elements, divider], isShortened }
}
