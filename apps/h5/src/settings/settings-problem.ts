import type { ApiError } from '@countersign/api-client'
import { hasMessage, t } from '../i18n/i18n.ts'
import type { AddressField, FieldProblems } from './address-draft.ts'

/** Why something was not saved or sent, in words for the person. */
export function problemText(error: ApiError): string {
  const key = `problem.${error.code}`
  if (hasMessage(key)) return t(key)
  if (error.isUnreachable) return t('decide.noAnswer')
  // Its sentence names the field; better in English than not at all.
  if (error.status < 500 && error.detail !== '') return error.detail
  return t('page.server')
}

const fields: readonly string[] = [
  'email',
  'mobile',
  'employeeId',
  'url',
  'secret',
  'signatureMethod',
  'signatureKey',
] satisfies AddressField[]
const isField = (name: string): name is AddressField => fields.includes(name)

/** The fields of the address that the server refused (`address.mobile` → the mobile number). */
export function refusedFields(error: ApiError): FieldProblems {
  const problems: FieldProblems = {}
  for (const { path } of error.fields) {
    const name = path.split('.').find(isField)
    if (name !== undefined) problems[name] = name === 'secret' || name === 'signatureMethod' ? 'refused' : name
  }
  return problems
}
