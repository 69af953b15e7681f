import type { DecisionAction, Locale } from '@countersign/contracts'
import { wordConsequence } from '#server/cards/consequence.ts'
import { wordOutcome } from '#server/cards/outcome.ts'
import type { CardModel } from '#server/channels/channel.ts'
import { inertLine } from '#server/channels/text.ts'
import { wordClosing, wordOwnPart } from '#server/channels/wording.ts'
import { type Html, html } from '#server/http/html.ts'
import type { SmallPage } from '#server/http/page.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import { ticketFacts, ticketHead } from './ticket-facts.ts'
import type { DeadReason, LinkState } from './use.ts'

/** What stands on the page beside the state of the link. */
export interface PageMatter {
  locale: Locale
  timeZone: string
  /** The ticket for this person; null where the link may no longer show it. */
  card: CardModel | null
  attachments: readonly { name: string }[]
  /** The name of whose decision stands in the way, or of who closed the ticket. */
  by: string | null
  /** Into the H5 app, null where it is not known to whom the link belongs. */
  openLink: string | null
  /** What was missing on the form that was sent, and what stood on it. */
  missing: 'reason' | 'confirmation' | null
  reason: string
}

/** Characters; as long as a reason may be in the H5 app. */
export const longestReason = 1_000

/** The page of a link, whatever became of it. */
export function decisionPage(state: LinkState, matter: PageMatter): SmallPage {
  const t = createTranslator(matter.locale)
  if (state.kind === 'open' && matter.card !== null) return askingPage(state, matter, matter.card, t)
  return messagePage(matter, messageOf(state, matter, t), t)
}

interface Message {
  sign: DecisionAction | 'none'
  heading: string
  lines: string[]
}

/** A page that only says something. */
export function messagePage(
  matter: Pick<PageMatter, 'locale' | 'openLink'>,
  message: Message,
  t: Translator,
): SmallPage {
  const sign = { approve: '✓', reject: '✗', none: '–' }[message.sign]
  const lines = message.lines.map((line) => html`<p class="note" dir="auto">${line}</p>`)
  const body = html`<section class="card result"><span class="sign ${message.sign}" aria-hidden="true">${sign}</span><div><h1 dir="auto">${message.heading}</h1>${lines}</div></section>${openButton(matter.openLink, t)}`
  return page(matter.locale, message.heading, body)
}

function askingPage(
  state: Extract<LinkState, { kind: 'open' }>,
  matter: PageMatter,
  card: CardModel,
  t: Translator,
): SmallPage {
  const { action } = state.link
  const heading = t.text(`confirm.${action}`, { ticket: `#${card.number}` })
  const body = html`<p class="hint">${t.text('decisionLink.hint')}</p>${ticketHead(card, t)}${ticketFacts(card, matter.attachments, t)}${form(state, matter, card, t)}${openButton(matter.openLink, t)}`
  return page(matter.locale, heading, body)
}

/** Posts to the page itself; the address is the only thing that says who and what. */
function form(state: Extract<LinkState, { kind: 'open' }>, matter: PageMatter, card: CardModel, t: Translator): Html {
  const { action } = state.link
  const heading = t.text(`confirm.${action}`, { ticket: `#${card.number}` })
  const consequence = action === 'approve' ? wordConsequence(card, t, inertLine) : t.text('confirm.rejectText')
  return html`<section class="card"><form method="post"><h2>${heading}</h2><p class="consequence">${consequence}</p>${action === 'reject' ? reasonField(matter, t) : null}${state.asksAgain ? readAllField(matter, t) : null}<button class="button ${action}" type="submit">${t.text(`card.${action}`)}</button></form></section>`
}

function reasonField({ reason, missing }: PageMatter, t: Translator): Html {
  const wrong =
    missing === 'reason' ? html`<p class="wrong" role="alert">${t.text('refusal.reason_required')}</p>` : null
  return html`<p class="note"></p><label for="reason">${t.text('card.reason')}</label><p class="hint" id="reason-hint">${t.text('card.reasonHint')}</p><textarea id="reason" name="reason" maxlength="${longestReason}" required dir="auto" aria-describedby="reason-hint">${reason}</textarea>${wrong}`
}

function readAllField({ missing }: PageMatter, t: Translator): Html {
  const wrong =
    missing === 'confirmation' ? html`<p class="wrong" role="alert">${t.text('decisionLink.notRead')}</p>` : null
  return html`<p class="note"></p><label class="check"><input type="checkbox" name="confirmed" value="yes" required><span>${t.text('decisionLink.readAll')}</span></label>${wrong}`
}

function messageOf(state: LinkState, matter: PageMatter, t: Translator): Message {
  const nothing = t.text('decisionLink.notDecided')
  switch (state.kind) {
    case 'unknown':
      return { sign: 'none', heading: nothing, lines: [t.text('decisionLink.unknown')] }
    case 'dead':
      return { sign: 'none', heading: nothing, lines: [wordDead(state.reason, t)] }
    case 'decided': {
      const { mine, ticket } = state
      const done = mine.action === 'approve' ? 'decisionLink.youApproved' : 'decisionLink.youRejected'
      const heading = t.text(done, { ticket: `#${ticket.number}` })
      const standing =
        ticket.status === 'pending'
          ? wordOwnPart(mine.action, t)
          : wordClosing(ticket.status, inertLine(matter.by ?? ''), t)
      return { sign: mine.action, heading, lines: [...titleOf(state), t.dateTime(mine.at, matter.timeZone), standing] }
    }
    case 'refused': {
      const { reason } = state.refusal
      const isChanged = reason === 'content_changed'
      const refusal = { ok: false, reason, by: matter.by, status: null } as const
      const words = isChanged ? t.text('decisionLink.contentChanged') : wordOutcome(refusal, t, inertLine)
      return { sign: 'none', heading: nothing, lines: [...titleOf(state), words] }
    }
    case 'open':
      // Its person is no longer of the tenant: there is nobody to show the ticket to.
      return { sign: 'none', heading: nothing, lines: [t.text('decisionLink.unknown')] }
  }
}

/** Of what the mail showed; what the ticket has become since is for those who log in. */
function titleOf({ ticket, link }: Extract<LinkState, { kind: 'decided' | 'refused' }>): string[] {
  return ticket.contentHash === link.contentHash ? [inertLine(ticket.content.title)] : []
}

function wordDead(reason: DeadReason, t: Translator): string {
  switch (reason) {
    case 'expired':
      return t.text('decisionLink.expired')
    case 'used':
      return t.text('decisionLink.used')
    case 'address_changed':
      return t.text('decisionLink.addressChanged')
    case 'switched_off':
      return t.text('decisionLink.switchedOff')
    case 'user_disabled':
      return t.text('refusal.user_disabled')
  }
}

function openButton(link: string | null, t: Translator): Html | null {
  return link === null ? null : html`<a class="button quiet" href="${link}" rel="noreferrer">${t.text('card.open')}</a>`
}

function page(locale: Locale, title: string, body: Html): SmallPage {
  return { locale, title, body: html`<main><p class="brand">Countersign</p>${body}</main>` }
}
