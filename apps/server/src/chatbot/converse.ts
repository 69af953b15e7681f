import type { ChannelName, Locale, TenantId } from '@countersign/contracts'
import { type CardComposer, personLocale } from '#server/cards/compose.ts'
import type { Stores } from '#server/db/stores.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import type { User } from '#server/tickets/ports.ts'
import { type Command, parseCommand } from './command.ts'
import { decideByWord } from './decide-by-word.ts'
import { helpText } from './help.ts'
import { listPending } from './pending-list.ts'

export interface ChatDeps {
  composer: CardComposer
  publicUrl: string
  /** Language of the region, for people we do not know. */
  locale: Locale
}

/** Something said to the bot. */
export interface Said {
  tenantId: TenantId
  channel: ChannelName
  platformUserId: string
  text: string
  /** False where it may have been said to somebody else in a group: it then decides nothing by itself. */
  isCertain: boolean
  /** Epoch milliseconds. */
  at: number
}

/** Said by a person whom we know, who may act. */
export interface SaidBy extends Said {
  person: User
  t: Translator
}

/** What the bot says to that person alone, and for metrics what it was about. `approve`, `reject`: a decision was recorded. */
export interface Answer {
  text: string
  outcome: 'help' | 'pending' | 'approve' | 'reject' | 'asked' | 'refused' | 'unknown_person'
}

/**
 * One message, one answer, in the person's language. Runs inside the transaction of the message: what it decides commits
 * with the answer. Every decision goes through the same `decide` as a tap on a card.
 */
export async function converse(deps: ChatDeps, tx: Stores, said: Said): Promise<Answer> {
  const { tenantId, channel } = said
  const [person, tenant] = await Promise.all([
    tx.directory.findByPlatformId(tenantId, channel, said.platformUserId),
    tx.tenants.tenant(tenantId),
  ])
  const t = createTranslator(personLocale(person, tenant?.locale ?? null, deps.locale))
  const command = parseCommand(said.text)
  if (person === null || person.disabled) {
    await auditStranger(tx, said, person, command)
    const why = t.text(person === null ? 'refusal.not_bound' : 'refusal.user_disabled')
    return { text: person === null ? `${why}\n${t.text('chatbot.howToBind')}` : why, outcome: 'unknown_person' }
  }
  return obey(deps, tx, { ...said, person, t }, command)
}

async function obey(deps: ChatDeps, tx: Stores, said: SaidBy, command: Command): Promise<Answer> {
  switch (command.name) {
    case 'pending':
      return { text: await listPending(deps, tx, said), outcome: 'pending' }
    case 'approve':
    case 'reject':
    case 'confirm':
      return decideByWord(deps, tx, said, command)
    case 'help':
      return { text: helpText(said.t), outcome: 'help' }
    case 'unknown':
      return { text: `${said.t.text('chatbot.notUnderstood')}\n\n${helpText(said.t)}`, outcome: 'help' }
  }
}

/** Who tried to decide and may not is kept; small talk is not. */
async function auditStranger(tx: Stores, said: Said, person: User | null, command: Command): Promise<void> {
  if (command.name !== 'approve' && command.name !== 'reject' && command.name !== 'confirm') return
  await tx.audit.append({
    tenantId: said.tenantId,
    at: said.at,
    actor: person?.uid ?? `${said.channel}:${said.platformUserId}`,
    action: 'ticket.refused',
    target: 'ticket:unknown',
    detail: { reason: person === null ? 'not_bound' : 'user_disabled', via: `chatbot:${said.channel}` },
  })
}
