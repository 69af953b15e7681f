import type { ApiError } from '@countersign/api-client'
import type { AddressField, FieldProblem, FieldProblems } from './address-draft.ts'

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
    if (name !== undefined) problems[name] = worded(name)
  }
  return problems
}

/** A web address was well written when it was sent: it is refused for where it leads. */
function worded(name: AddressField): FieldProblem {
  return name === 'secret' || name === 'signatureMethod' || name === 'url' ? 'refused' : name
}
