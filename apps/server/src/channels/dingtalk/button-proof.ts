import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { CardModel } from '#server/channels/channel.ts'

/**
 * One text for both buttons of one person's card: our proofs of approve and reject (ticket, node, content; cards/proof.ts)
 * and a tag that ties them to the person, since the platform's signature covers neither who tapped nor what.
 */
export interface PersonProofs {
  prove(platformUserId: string, card: Pick<CardModel, 'approve' | 'reject'>): string
  /** The proof of the button for cards/proof.ts, or null when this text was not given to this person. */
  open(given: string, platformUserId: string, action: 'approve' | 'reject'): string | null
}

const PURPOSE = 'countersign dingtalk button'
const SEPARATOR = '.'

export function createPersonProofs(appSecret: string): PersonProofs {
  const key = createSecretKey(createHmac('sha256', appSecret).update(PURPOSE).digest())
  const tag = (platformUserId: string, approve: string, reject: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([platformUserId, approve, reject]))
      .digest()
  return {
    prove(platformUserId, { approve, reject }) {
      const own = tag(platformUserId, approve.proof, reject.proof).toString('base64url')
      return [approve.proof, reject.proof, own].join(SEPARATOR)
    },
    open(given, platformUserId, action) {
      const [approve, reject, own, ...more] = given.split(SEPARATOR)
      if (approve === undefined || reject === undefined || own === undefined || more.length > 0) return null
      const expected = tag(platformUserId, approve, reject)
      const bytes = Buffer.from(own, 'base64url')
      if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) return null
      return action === 'approve' ? approve : reject
    },
  }
}
