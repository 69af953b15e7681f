import type { CardModel } from '#server/channels/channel.ts'
import type { Letter, NoticeItem } from '#server/channels/messenger.ts'
import { inertLine } from '#server/channels/text.ts'
import { Html, html } from '#server/http/html.ts'
import type { Translator } from '#server/i18n/translator.ts'
import { noticeLine } from '#server/texts/notice-line.ts'
import type { MailLinks } from './compose.ts'
import { darkMode, type MailLook, mailLook } from './mail-look.ts'
import { type MailMatter, matterOf } from './mail-matter.ts'

/*
 * Mail programs keep tables, inline styles and little else: the light colours stand inline, and what knows dark mode finds
 * the dark ones in the style block. Everything is laid out from `dir`, so that Arabic is mirrored.
 */

/** The mail as HTML, in its reader's language and direction. */
export function mailHtml(letter: Letter, links: MailLinks, t: Translator): string {
  const look = mailLook(letter.locale)
  const { dir } = look
  const preheader = preheaderOf(letter, t)
  const body = html`<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preheader}</div><table role="presentation" class="bg" width="100%" cellpadding="0" cellspacing="0" border="0" dir="${dir}" style="${look.page}"><tr><td align="center" style="padding:24px 12px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" dir="${dir}" style="max-width:600px"><tr><td class="t3" style="${look.brand}">Countersign</td></tr><tr><td class="card" style="${look.card}">${content(letter, links, look, t)}</td></tr><tr><td class="t3" style="${look.footer}">${footer(letter, links, look, t)}</td></tr></table></td></tr></table>`
  const head = html`<head><meta charset="utf-8"><meta http-equiv="x-ua-compatible" content="ie=edge"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="format-detection" content="telephone=no, date=no, address=no, email=no"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${letter.words.title}</title><style>${darkMode}</style></head>`
  return `<!doctype html>${html`<html lang="${letter.locale}" dir="${dir}">${head}<body class="bg" style="margin:0;padding:0;${look.page}">${body}</body></html>`.text}`
}

/** What a list of mails shows beside the subject. */
function preheaderOf({ content }: Letter, t: Translator): string {
  if (content.kind !== 'notice') return ''
  const { module, risk, submitter } = content.item.ticket
  return `${t.module(module)} · ${t.text(`risk.${risk}`)} · ${inertLine(submitter)}`
}

function content({ content: said, words, timeZone }: Letter, links: MailLinks, look: MailLook, t: Translator): Html {
  const heading = html`<h1 class="t1" style="${look.heading}" dir="auto">${words.title}</h1>`
  // Written by the text renderer, which escapes what people wrote.
  const lead = words.body === '' ? null : html`<div class="t2" style="${look.lead}">${new Html(words.body)}</div>`
  switch (said.kind) {
    case 'notice': {
      const { ticket } = said.item
      return html`${chips(ticket, look, t)}${heading}${lead}${matter(matterOf(ticket, words, t), look, t)}${actions(ticket, links, timeZone, look, t)}`
    }
    case 'bundle':
      return html`${heading}${bundle(said.items, look, t)}${more(said.count - said.items.length, look, t)}${button(said.link, t.text('message.list'), 'primary', look)}`
    case 'code':
      return html`${heading}<p class="code t1" style="${look.digits}" dir="ltr">${said.code}</p>${lead}`
    case 'test':
      return html`${heading}${lead}`
    case 'report':
      return html`${heading}${lead}${button(said.link, 'Countersign', 'primary', look)}`
  }
}

function chips({ risk, status, module }: CardModel, look: MailLook, t: Translator): Html {
  const chip = (text: string, kind: string): Html =>
    html`<span class="chip ${kind}" style="${look.chip(kind)}">${text}</span> `
  return html`<p style="margin:0">${chip(t.text(`status.${status}`), status)}${chip(t.text(`risk.${risk}`), risk)}${chip(t.module(module), 'plain')}</p>`
}

function matter({ facts, factsNote, description, code, codeNote }: MailMatter, look: MailLook, t: Translator): Html {
  const rows = facts.map(
    ({ label, value }) =>
      html`<tr><td class="t3 line" valign="top" width="34%" style="${look.label}" dir="auto">${label}</td><td class="t1 line" valign="top" style="${look.value}" dir="auto">${value}</td></tr>`,
  )
  const table =
    facts.length === 0
      ? null
      : html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" dir="${look.dir}" style="margin-top:16px">${rows}</table>`
  const note = (text: string | null): Html | null =>
    text === null ? null : html`<p class="t3" style="${look.note}">${text}</p>`
  const about =
    description === null
      ? null
      : html`<p class="t3" style="${look.section}">${t.text('card.description')}</p><p class="t1" style="${look.text}" dir="auto">${description.text}</p>${note(description.note)}`
  const pieces = code.map(
    (piece) =>
      html`<p class="t3" style="${look.section}" dir="auto">${piece.title}</p><pre class="code t1" style="${look.code}" dir="ltr">${piece.text}</pre>${note(piece.note)}`,
  )
  return html`${table}${note(factsNote)}${about}${pieces}${note(codeNote)}`
}

function actions(
  { link, decision }: CardModel,
  { decisions }: MailLinks,
  timeZone: string,
  look: MailLook,
  t: Translator,
): Html {
  if (decisions === null)
    return button(link, t.text(decision === 'none' ? 'card.open' : 'card.review'), 'primary', look)
  const hint = t.text('mail.decide', { time: t.dateTime(decisions.expiresAt, timeZone) })
  return html`${button(decisions.approve, t.text('card.approve'), 'primary', look)}${button(decisions.reject, t.text('card.reject'), 'danger', look)}<p class="t3" style="${look.note}">${hint}</p>${button(link, t.text('card.open'), 'quiet', look)}`
}

/** A cell with a colour, since not every mail program gives a link one. */
function button(link: string, text: string, kind: 'primary' | 'danger' | 'quiet', look: MailLook): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:12px"><tr><td align="center" class="button ${kind}" style="${look.buttonCell(kind)}"><a href="${link}" class="${kind}" style="${look.button(kind)}">${text}</a></td></tr></table>`
}

function bundle(items: readonly NoticeItem[], look: MailLook, t: Translator): Html {
  const rows = items.map(
    (item) =>
      html`<tr><td class="line" style="${look.item}"><a href="${item.ticket.link}" class="link" style="${look.link}" dir="auto">${noticeLine(item, t)}</a></td></tr>`,
  )
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" dir="${look.dir}" style="margin-top:12px">${rows}</table>`
}

function more(count: number, look: MailLook, t: Translator): Html | null {
  return count <= 0 ? null : html`<p class="t3" style="${look.note}">${t.text('shortened.people', { count })}</p>`
}

function footer({ to }: Letter, { signOff }: MailLinks, look: MailLook, t: Translator): Html {
  const stop =
    signOff === null
      ? null
      : html`<br><a href="${signOff}" class="t3" style="${look.footerLink}">${t.text('mail.off')}</a>`
  return html`${t.text('mail.footer', { name: inertLine(to.name) })}${stop}`
}
