import type { ChannelName } from '@countersign/contracts'
import { splitInternational, toInternational } from './phone-number.ts'

/** What a person is typing, for any channel; it outlives the page for as long as it is neither saved nor given up. */
export interface AddressDraft {
  /** Lark takes either. */
  by: 'email' | 'mobile'
  email: string
  country: string
  mobile: string
  employeeId: string
  url: string
  secret: string
  signatureMethod: 'NONE' | 'HMAC_SHA1'
  signatureKey: string
}
export type AddressField = 'email' | 'mobile' | 'employeeId' | 'url' | 'secret' | 'signatureMethod' | 'signatureKey'
/** Texts of the catalogue, under `fieldProblem`. */
export type FieldProblem = 'email' | 'mobile' | 'employeeId' | 'url' | 'signatureKey' | 'refused'
export type FieldProblems = Partial<Record<AddressField, FieldProblem>>

export const emptyDraft = (country: string): AddressDraft => ({
  by: 'email',
  email: '',
  country,
  mobile: '',
  employeeId: '',
  url: '',
  secret: '',
  signatureMethod: 'NONE',
  signatureKey: '',
})

/** The fields that a channel asks for now, in their order. */
export function fieldsOf(channel: ChannelName, draft: AddressDraft): AddressField[] {
  const fields: Record<ChannelName, AddressField[]> = {
    lark: [draft.by],
    feishu: ['mobile'],
    dingtalk: ['mobile'],
    dingtalkExclusive: ['employeeId'],
    dingtalkRobot: ['url', 'secret'],
    wecomRobot: ['url'],
    email: ['email'],
    sms: ['mobile'],
    webhook: draft.signatureMethod === 'NONE' ? ['url', 'signatureMethod'] : ['url', 'signatureMethod', 'signatureKey'],
  }
  return fields[channel]
}

/** Whether something was typed that would be lost. A choice alone is quickly made again. */
export const hasInput = (draft: AddressDraft): boolean =>
  [draft.email, draft.mobile, draft.employeeId, draft.url, draft.secret, draft.signatureKey].some(
    (text) => text.trim() !== '',
  )

/**
 * The parts of the address as the API takes them, or what is wrong with each field. Only what spares the person a way to
 * the server; the server has the last word.
 */
export function checkDraft(
  channel: ChannelName,
  draft: AddressDraft,
): { parts: Record<string, string> } | { problems: FieldProblems } {
  const problems: FieldProblems = {}
  const parts: Record<string, string> = {}
  for (const field of fieldsOf(channel, draft)) {
    const text = field === 'mobile' ? (toInternational(draft.country, draft.mobile) ?? '') : draft[field].trim()
    if (isGood(field, text)) {
      if (text !== '') parts[field] = text
    } else problems[field] = field === 'secret' || field === 'signatureMethod' ? 'refused' : field
  }
  return Object.keys(problems).length === 0 ? { parts } : { problems }
}

function isGood(field: AddressField, text: string): boolean {
  if (field === 'secret' || field === 'signatureMethod') return true
  if (field === 'email') return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) && text.length <= 320
  return field === 'url' ? isWebAddress(text) : text !== '' && text.length <= (field === 'employeeId' ? 128 : 1_024)
}

function isWebAddress(text: string): boolean {
  try {
    const url = new URL(text)
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && text.length <= 2_048
  } catch {
    return false
  }
}

/** A number pasted with its country moves the country chooser along. */
export function takeMobile(draft: AddressDraft, typed: string): void {
  const whole = splitInternational(typed)
  draft.mobile = whole?.number ?? typed
  if (whole !== undefined) draft.country = whole.country
}
