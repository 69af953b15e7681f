import type { ApiError } from '@countersign/api-client'
import { hasMessage, t } from '../i18n/i18n.ts'

/** What went wrong, in the person's language where we have words for it, else in the server's. */
export function failureWords(error: ApiError): string {
  if (error.isUnreachable) return t('failure.offline')
  const key = `problem.${error.code}`
  if (hasMessage(key)) return t(key)
  const fields = error.fields.map(({ path, message }) => `${path}: ${message}`)
  return fields.length > 0 ? fields.join('; ') : error.detail
}
