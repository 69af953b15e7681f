import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { ButtonValue } from '#server/channels/channel.ts'

/** Signs and checks what a card's button says, so that no callback can name a ticket, node or content we never sent. */
export interface ButtonProofs {
  sign(tenantId: string, button: Omit<ButtonValue, 'proof'>): ButtonValue
  holds(tenantId: string, button: ButtonValue): boolean
}

/** Keys are tried in order: the first signs, the others still verify cards sent before a key rotation. */
export function createButtonProofs(keys: readonly Buffer[]): ButtonProofs {
  // Made ready once: a key given as bytes costs several times what the digest itself does.
  const ready = keys.map((key) => createSecretKey(key))
  const [current] = ready
  if (current === undefined) throw new Error('button proofs need at least one key')
  const mac = (key: KeyObject, tenantId: string, button: Omit<ButtonValue, 'proof'>): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenantId, button.ticketId, button.node, button.action, button.contentHash]))
      .digest()
  return {
    sign: (tenantId, button) => ({ ...button, proof: mac(current, tenantId, button).toString('base64url') }),
    holds(tenantId, button) {
      const given = Buffer.from(button.proof, 'base64url')
      return ready.some((key) => {
        const expected = mac(key, tenantId, button)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
    },
  }
}
