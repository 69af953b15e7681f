import { wordConsequence } from '#server/cards/consequence.ts'
import type { CardModel } from '#server/channels/channel.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import {
  codeSection,
  commentText,
  descriptionSection,
  factSection,
  progressSection,
  resultText,
  summaryText,
} from './card-sections.ts'
import type { LocalizedName, PersonalName, PublicName } from './card-variables.ts'
import { fitLine, MAX_VALUE_BYTES } from './fit.ts'
import { h5Link, sidePanelLink } from './links.ts'

/** Values of card variables, all text. */
export type PublicData = Record<PublicName, string>
export type LocalizedData = Record<LocalizedName, string>
export type PersonalData = Record<PersonalName, string>
export type PrivateData = LocalizedData & PersonalData

/** What the builder needs to know of the app. */
export interface CardSetting {
  corpId: string
  /** Ties both buttons of a card to the person who gets it; see button-proof.ts. */
  prove: (platformUserId: string, card: Pick<CardModel, 'approve' | 'reject'>) => string
}

const MAX_TITLE_BYTES = 300
const MAX_NAME_BYTES = 96
/** Leaves room for the rest of the form. */
const MAX_LABEL_BYTES = 700

/** The same for everybody who holds the card. Titles and code are as people wrote them; nothing in a value is interpreted. */
export function publicData(card: CardModel, { corpId }: CardSetting): PublicData {
  const t = createTranslator(card.locale)
  const link = h5Link(card.link, corpId)
  return {
    lastMessage: noticeText(card, t),
    title: titleText(card),
    status: card.status,
    risk: card.risk,
    facts: factSection(card, t).text,
    description: descriptionSection(card, t).text,
    code: codeSection(card, t).text,
    link,
    pcLink: sidePanelLink(link),
  }
}

/** What is one person's own: their language, their buttons, their decision. */
export function privateData(card: CardModel, platformUserId: string, setting: CardSetting): PrivateData {
  const localized = localizedData(card)
  const decision = safeDecision(card, localized)
  const decides = decision === 'tap' || decision === 'confirm'
  return {
    ...localized,
    ...(decision === card.decision ? {} : localizedData({ ...card, decision })),
    decision,
    proof: decides ? setting.prove(platformUserId, card) : '',
    ticketId: card.ticketId,
    node: String(card.approve.node),
    contentHash: card.approve.contentHash,
    mine: card.mine ?? '',
    feedback: '',
  }
}

/**
 * What somebody sees of whom the card knows nothing: no buttons. Empty wherever somebody's own value may be, since an
 * empty value of theirs need not hide what everybody sees: an approver must not read that they have nothing to decide.
 */
export function defaultPrivateData(card: CardModel): PrivateData {
  const localized = localizedData({ ...card, decision: 'none', mine: null })
  return {
    ...localized,
    result: card.status === 'pending' ? '' : localized.result,
    ...{ decision: 'none', proof: '', ticketId: '', node: '', contentHash: '', mine: '', feedback: '' },
  }
}

/** What is of high risk is never decided on a card that does not show all of it. */
function safeDecision(card: CardModel, { factsNote, descriptionNote, codeNote }: LocalizedData): CardModel['decision'] {
  const isShortened = factsNote !== '' || descriptionNote !== '' || codeNote !== ''
  const isDecidedHere = card.decision === 'tap' || card.decision === 'confirm'
  return card.risk === 'high' && isShortened && isDecidedHere ? 'review' : card.decision
}

function localizedData(card: CardModel): LocalizedData {
  const t = createTranslator(card.locale)
  const description = descriptionSection(card, t)
  const code = codeSection(card, t)
  const progress = progressSection(card, t)
  const isOpen = card.decision !== 'none'
  const consequence = isOpen ? wordConsequence(card, t, (step) => fitLine(step, MAX_NAME_BYTES)) : ''
  const codeLabel = code.title === '' ? t.text('card.code') : `${t.text('card.code')} · ${code.title}`
  return {
    moduleText: t.module(card.module),
    riskText: t.text(`risk.${card.risk}`),
    statusText: t.text(`status.${card.status}`),
    result: resultText(card, t),
    comment: commentText(card, t),
    summary: summaryText(card, t),
    factsNote: factSection(card, t).note,
    descriptionLabel: description.text === '' ? '' : t.text('card.description'),
    descriptionNote: description.note,
    codeLabel: code.text === '' && code.note === '' ? '' : codeLabel,
    codeNote: code.note,
    progressLabel: t.text('card.progress'),
    progress: progress.text,
    progressNote: progress.note,
    consequenceLabel: isOpen ? t.text('card.onApproval') : '',
    consequence,
    reviewText: card.decision === 'review' ? reviewText(card, t) : '',
    approveText: t.text('card.approve'),
    rejectText: t.text('card.reject'),
    openText: t.text(card.decision === 'review' ? 'card.review' : 'card.open'),
    approveForm: card.decision === 'confirm' ? approveForm(card, consequence, t) : emptyForm,
    rejectForm: card.decision === 'tap' || card.decision === 'confirm' ? rejectForm(t) : emptyForm,
  }
}

function reviewText(card: CardModel, t: Translator): string {
  return t.text(card.risk === 'high' ? 'review.highRisk' : 'review.elsewhere')
}

/* Forms. Document: form variables. Required fields are checked on the client before anything is sent. */

const emptyForm = JSON.stringify({ fields: [] })

function approveForm(card: CardModel, consequence: string, t: Translator): string {
  const asks = t.text('confirm.approve', { ticket: `#${card.number}` })
  const label = fitLine(t.sentences([asks, consequence]), MAX_LABEL_BYTES)
  const field = { name: 'confirmed', label, type: 'CHECKBOX', required: true }
  return JSON.stringify({ fields: [field] })
}

function rejectForm(t: Translator): string {
  const hint = t.text('card.reasonHint')
  const field = {
    name: 'reason',
    label: t.text('card.reason'),
    type: 'TEXT_AREA',
    required: true,
    requiredMsg: hint,
    placeholder: hint,
  }
  return JSON.stringify({ fields: [field] })
}

export function titleText({ number, title }: Pick<CardModel, 'number' | 'title'>): string {
  return fitLine(`#${number} ${title}`, MAX_TITLE_BYTES)
}

/** One line saying why somebody gets this. */
export function noticeText(card: CardModel, t: Translator): string {
  const isAsked = card.decision !== 'none'
  const asks = card.event === 'reminded' || card.event === 'changed' ? card.event : 'pending'
  const notice = card.status !== 'pending' ? card.status : isAsked ? asks : 'information'
  return fitLine(t.text(`notice.${notice}`, { ticket: titleText(card) }), MAX_VALUE_BYTES)
}
