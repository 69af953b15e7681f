import type { ManagedChannel, SettingField, SettingValue } from '@countersign/contracts'
import { hasMessage, type MessageKey, t } from '../i18n/i18n.ts'

/* What an administrator is typing into the form of a channel, and what of it is sent. */

/** By the names of settings. A text, also of a secret, a number or the lines of a list; a choice; shares by their parts. */
export interface Draft {
  texts: Record<string, string>
  switches: Record<string, boolean>
  shares: Record<string, Record<string, string>>
  /** Secrets that are to be taken away. */
  removed: Record<string, boolean>
}

export const never = 'never'

const textOf = (value: SettingValue | null | undefined): string => {
  if (value === null || value === undefined || typeof value === 'boolean') return ''
  if (Array.isArray(value)) return value.join('\n')
  return typeof value === 'object' ? '' : String(value)
}

/** As it is stored now. Of secrets nothing is known. */
export function draftOf({ fields, settings }: Pick<ManagedChannel, 'fields' | 'settings'>): Draft {
  const draft: Draft = { texts: {}, switches: {}, shares: {}, removed: {} }
  for (const { name, kind, default: preset } of fields) {
    const value = settings[name]
    if (kind === 'switch') draft.switches[name] = (value ?? preset) === true
    else if (kind === 'shares') draft.shares[name] = sharesOf(value)
    else draft.texts[name] = kind === 'secret' ? '' : textOf(value ?? (kind === 'choice' ? preset : undefined))
  }
  return draft
}

function sharesOf(value: SettingValue | undefined): Record<string, string> {
  if (typeof value !== 'object' || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([part, share]) => [part, String(share)]))
}

/** Only what was changed; null takes a setting back to its default. */
export function changesOf(channel: ManagedChannel, draft: Draft): Record<string, SettingValue | null> {
  const before = draftOf(channel)
  const changes = channel.fields.flatMap((field): [string, SettingValue | null][] => {
    const value = typed(field, draft)
    if (field.kind === 'secret') {
      if (draft.removed[field.name] === true) return [[field.name, null]]
      return value === null ? [] : [[field.name, value]]
    }
    const isSame = JSON.stringify(value) === JSON.stringify(typed(field, before))
    return isSame ? [] : [[field.name, value]]
  })
  return Object.fromEntries(changes)
}

function typed({ name, kind }: SettingField, draft: Draft): SettingValue | null {
  if (kind === 'switch') return draft.switches[name] === true
  if (kind === 'shares') {
    const chosen = Object.entries(draft.shares[name] ?? {}).filter(([, share]) => share !== '')
    if (chosen.length === 0) return null
    return Object.fromEntries(chosen.map(([part, share]) => [part, share === never ? never : Number(share)]))
  }
  const text = (draft.texts[name] ?? '').trim()
  if (text === '') return null
  if (kind === 'number') return Number(text)
  if (kind !== 'list') return text
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** What is wrong with a setting: words of ours, or the server's own. */
export type SettingProblem = { key: MessageKey } | { text: string }
export type SettingProblems = Readonly<Record<string, SettingProblem>>

/** What is known to be missing before the server is asked, by the names of settings. */
export function missingIn(channel: ManagedChannel, draft: Draft): SettingProblems {
  const changes = changesOf(channel, draft)
  const isMoved = channel.isConfigured && channel.fields.some(({ name, isAddress }) => isAddress && name in changes)
  const problems = channel.fields.flatMap((field): [string, SettingProblem][] => {
    const { name, kind, isRequired } = field
    if (!isRequired || typed(field, draft) !== null) return []
    if (kind !== 'secret' || !channel.secretsSet.includes(name)) return [[name, { key: 'channels.required' }]]
    return isMoved ? [[name, { key: 'channels.secretAgain' }]] : []
  })
  return Object.fromEntries(problems)
}

/** What an administrator sees first: the rest has a default, or is seldom needed. Where that leaves nothing, all of it. */
export function arranged(fields: readonly SettingField[]): { first: SettingField[]; more: SettingField[] } {
  const isFirst = ({ isRequired, kind, name, isAddress }: SettingField): boolean =>
    isRequired || kind === 'secret' || name === 'connection' || (kind === 'text' && !isAddress)
  const first = fields.filter(isFirst)
  return first.length > 2
    ? { first, more: fields.filter((field) => !isFirst(field)) }
    : { first: [...fields], more: [] }
}

/** The name of a setting, in words; one of a later release is shown as it is called. */
export function settingName(name: string): string {
  const key = `setting.${name}`
  return hasMessage(key) ? t(key) : name
}

/** A value that may be chosen, in words where there are some. */
export function optionName(option: string): string {
  const key = `settingOption.${option}`
  return hasMessage(key) ? t(key) : option
}
