import type { ApiError } from '@countersign/api-client'
import { hasMessage, t } from '../i18n/i18n.ts'

/** Why somebody was not let in, in words; `way` where the same code means another thing there. */
export function loginWords(error: ApiError, way = ''): string {
  if (error.isUnreachable) return t('failure.offline')
  const key = [`login.${way}_${error.code}`, `login.${error.code}`].find(hasMessage)
  return key === undefined ? t('failure.title') : t(key)
}
