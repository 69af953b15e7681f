import jwt from 'jsonwebtoken'
import { z } from 'zod'
import type { KeyRing } from '#server/crypto/key-ring.ts'

/** An access token lives this long; the session row behind it decides about revocation at once. */
export const accessTokenMs = 15 * 60 * 1_000

const Claims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  tenant: z.string().min(1),
  exp: z.number(),
})

export interface Access {
  tenantId: string
  uid: string
  sessionId: string
}

export interface AccessTokens {
  issue(access: Access, now: number): string
  /** Null for whatever is not a token of ours, for this host, still valid. */
  verify(token: string, now: number): Access | null
}

const algorithm = 'HS256'
const tokenType = 'sess+jwt'
const audience = 'countersign-app'

/**
 * Session tokens: JWT, one algorithm from here and never from the header (RFC 8725), the key named by `kid` from our own
 * ring only, so that SECRET_KEY can be rotated without logging anybody out.
 */
export function createAccessTokens(keys: KeyRing, issuer: string): AccessTokens {
  return {
    issue({ tenantId, uid, sessionId }, now) {
      const key = keys.current('session')
      const iat = Math.floor(now / 1_000)
      const claims = { tenant: tenantId, sid: sessionId, iat, exp: iat + accessTokenMs / 1_000 }
      const header = { alg: algorithm, typ: tokenType, kid: key.id } as const
      return jwt.sign(claims, key.bytes, { algorithm, header, issuer, audience, subject: uid })
    },
    verify(token, now) {
      const decoded = jwt.decode(token, { complete: true })
      const { kid, typ } = decoded?.header ?? {}
      const key = typ === tokenType && kid !== undefined ? keys.find('session', kid) : null
      if (key === null) return null
      try {
        const clockTimestamp = Math.floor(now / 1_000)
        const payload = jwt.verify(token, key.bytes, { algorithms: [algorithm], issuer, audience, clockTimestamp })
        const claims = Claims.safeParse(payload)
        if (!claims.success) return null
        return { tenantId: claims.data.tenant, uid: claims.data.sub, sessionId: claims.data.sid }
      } catch (error) {
        if (error instanceof jwt.JsonWebTokenError) return null
        throw error
      }
    },
  }
}
