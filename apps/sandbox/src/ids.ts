import { createHash, randomBytes } from 'node:crypto'

/** An identifier that is the same on every start, so that a server keeps knowing its people after a restart. */
export function stableId(prefix: string, ...parts: string[]): string {
  return prefix + createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
}

/** An identifier nobody can guess: messages, tokens, codes, events. */
export function freshId(prefix: string, bytes = 16): string {
  return prefix + randomBytes(bytes).toString('hex')
}
