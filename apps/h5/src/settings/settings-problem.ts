import type { ApiError } from '@countersign/api-client'
import { hasMessage, t } from '../i18n/i18n.ts'

/** Why something was not saved or sent, in words for the person. */
export function problemText(error: ApiError): string {
  const key = `problem.${error.code}`
  if (hasMessage(key)) return t(key)
  if (error.isUnreachable) return t('decide.noAnswer')
  // Its sentence names the field; better in English than not at all.
  if (error.status < 500 && error.detail !== '') return error.detail
  return t('page.server')
}
