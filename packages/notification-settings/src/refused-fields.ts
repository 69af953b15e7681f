import type { ApiError } from '@countersign/api-client'
import type { AddressField, FieldProblems } from './address-draft.ts'

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
