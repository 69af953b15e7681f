import type { NodeStatus } from '@countersign/contracts'
import { ellipsis } from '#server/channels/text.ts'
import { wordPeople, wordRule } from '#server/channels/wording.ts'
import type { Translator } from '#server/i18n/translator.ts'
import type { Budget } from './card-budget.ts'
import { type Element, label, line, marked, note } from './card-elements.ts'
import type { Section } from './card-facts.ts'
import type { CleanCard } from './clean-card.ts'

type Node = CleanCard['nodes'][number]

const markByStatus = {
  approved: { mark: '✓', color: 'green' },
  pending: { mark: '●', color: 'blue' },
  waiting: { mark: '○', color: 'grey' },
  rejected: { mark: '✗', color: 'carmine' },
  withdrawn: { mark: '–', color: 'grey' },
  expired: { mark: '–', color: 'grey' },
} as const satisfies Record<NodeStatus, { mark: string; color: string }>

/** The way through the nodes: which are done, which is current, who has decided and who is waited for. */
export function progressSection(card: CleanCard, t: Translator, budget: Budget): Section {
  const current = Math.max(0, indexOfCurrent(card.nodes))
  const from = Math.max(0, Math.min(current - 2, card.nodes.length - budget.steps))
  const shown = card.nodes.slice(from, from + budget.steps)
  const elements: Element[] = [label(t.text('card.progress')), ...shown.map((node) => step(node, t, budget))]
  const isShortened = shown.length < card.nodes.length
  if (isShortened) elements.push(note(t.text('shortened.steps', { shown: shown.length, total: card.nodes.length })))
  return { elements, isShortened }
}

function indexOfCurrent(nodes: readonly Node[]): number {
  return nodes.findLastIndex((node) => node.status !== 'waiting')
}

function step(node: Node, t: Translator, budget: Budget): Element {
  const { mark, color } = markByStatus[node.status]
  const isOpen = node.status === 'pending' || node.status === 'waiting'
  const rule = isOpen && node.approvers.length > 1 ? ` · ${wordRule(node, t)}` : ''
  const text = `${ellipsis(node.name, budget.name)}${rule}`
  const name = node.status === 'waiting' ? line(text, { color: 'grey' }) : line(text)
  const people = wordPeople(node, t, budget)
  return marked(line(mark, { color }), people === '' ? [name] : [name, label(people)])
}
