import { createHash, randomInt } from 'node:crypto'
import type { PersonKey } from '#server/db/second-factor-store.ts'

export const recoveryCodeCount = 10
/** Without 0, 1, I, L, O and U: nothing that looks like something else. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const groups = 4
const groupLength = 4

/** `AB2C-…`: 78 bits each, so that a plain hash gives none of them away. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, newCode)
}

/** As it is kept: bound to the person, however it was typed. */
export function recoveryCodeHash({ tenantId, uid }: PersonKey, typed: string): string {
  const code = typed.toUpperCase().replace(/[^0-9A-Z]/g, '')
  return createHash('sha256')
    .update(JSON.stringify([tenantId, uid, code]))
    .digest('base64url')
}

function newCode(): string {
  const group = (): string => Array.from({ length: groupLength }, () => alphabet[randomInt(alphabet.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}
