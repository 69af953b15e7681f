import type { Translator } from '#server/i18n/translator.ts'
import { type CommandName, words } from './words.ts'

/** What one can say, in the words of the person's own language. */
export function helpText(t: Translator): string {
  return t.text('chatbot.help', {
    pending: taught(t, 'pending'),
    approve: taught(t, 'approve'),
    reject: taught(t, 'reject'),
    help: taught(t, 'help'),
  })
}

/** "approve 1042", to be said as it stands. */
export function example(t: Translator, name: CommandName, ticket: number, more = ''): string {
  return `${taught(t, name)} ${ticket}${more}`
}

function taught(t: Translator, name: CommandName): string {
  return words[t.locale][name][0]
}
