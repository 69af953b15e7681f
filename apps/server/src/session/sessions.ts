import { createHash, randomBytes } from 'node:crypto'
import type { ChannelName, LoginWay, SecondFactorState } from '@countersign/contracts'
import type { Request, Response } from 'express'
import type { SessionRecord, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { withSecondFactor } from '#server/second-factor/standing.ts'
import type { User } from '#server/tickets/ports.ts'
import { type Access, type AccessTokens, accessTokenMs } from './access-token.ts'
import type { Cookies } from './cookies.ts'

/** However active, a session ends after this; logging in again inside a platform is silent. */
const sessionMs = 12 * 60 * 60 * 1_000
/** As much of what a browser calls itself as is kept. */
const longestUserAgent = 256
/** Two requests may carry the same refresh token at once; the one before stays good for this long. */
const rotationGraceMs = 30_000

/** Who is asking. */
export interface Visitor {
  session: SessionRecord
  /** With the roles that hold in this session: fewer while a second factor is not given. */
  user: User
  secondFactor: SecondFactorState
}

export interface Sessions {
  /** `userAgent`: as the browser calls itself, for the person's own list of sessions. */
  begin(
    res: Response,
    who: {
      tenantId: string
      uid: string
      channel: ChannelName | null
      userAgent: string | null
      /** The account on the platform; null where no platform was asked. */
      platformUserId: string | null
      way: LoginWay
    },
  ): Promise<Visitor>
  /** The person behind the cookies; renews them when the access token has run out. Throws `no_session`. */
  require(req: Request, res: Response): Promise<Visitor>
  end(req: Request, res: Response): Promise<void>
}

export interface SessionDeps {
  store: Store
  cookies: Cookies
  tokens: AccessTokens
  now: () => number
  newId: () => string
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const noSession = (): AppError => new AppError('no_session', 'log in first')

export function createSessions(deps: SessionDeps): Sessions {
  const { store, cookies, tokens, now } = deps

  const setCookies = (res: Response, access: Access, refreshSecret: string | null, expiresAt: number): void => {
    cookies.set(res, 'access', tokens.issue(access, now()), accessTokenMs)
    if (refreshSecret !== null) {
      cookies.set(res, 'refresh', `${access.sessionId}.${refreshSecret}`, expiresAt - now())
    }
  }

  const visitor = async (session: SessionRecord | null): Promise<Visitor> => {
    if (session === null || session.revokedAt !== null || session.expiresAt <= now()) throw noSession()
    const user = await store.stores.directory.user(session.tenantId, session.uid)
    if (user === null || user.disabled) throw noSession()
    return withSecondFactor(store.stores, session, user)
  }

  const refresh = async (req: Request, res: Response): Promise<Visitor> => {
    const [id, secret] = (cookies.read(req, 'refresh') ?? '').split('.')
    if (id === undefined || secret === undefined) throw noSession()
    const found = await visitor(await store.stores.sessions.session(id))
    const { session, user } = found
    const access = { tenantId: session.tenantId, uid: user.uid, sessionId: id }
    const given = digest(secret)
    if (given === session.refreshHash) {
      const next = randomBytes(32).toString('base64url')
      const rotated = await store.stores.sessions.rotate(id, given, digest(next), now())
      setCookies(res, access, rotated ? next : null, session.expiresAt)
      return found
    }
    if (given === session.previousHash) {
      if (session.rotatedAt + rotationGraceMs > now()) {
        setCookies(res, access, null, session.expiresAt)
        return found
      }
      // An old refresh token comes back long after it was replaced: it was copied. End the session for both.
      await store.stores.sessions.revoke(id, now())
    }
    throw noSession()
  }

  return {
    async begin(res, { tenantId, uid, channel, userAgent, platformUserId, way }) {
      const at = now()
      const secret = randomBytes(32).toString('base64url')
      const session: SessionRecord = {
        tenantId,
        id: deps.newId(),
        uid,
        channel,
        refreshHash: digest(secret),
        previousHash: null,
        rotatedAt: at,
        createdAt: at,
        expiresAt: at + sessionMs,
        revokedAt: null,
        userAgent: userAgent?.slice(0, longestUserAgent) ?? null,
        platformUserId,
        secondFactorAt: null,
        way,
      }
      await store.run(async (tx) => {
        await tx.sessions.addSession(session)
        // Whoever can come in by themself needs no link any more, and nobody else is to hold one.
        if (way !== 'link') await tx.sessions.dropLink({ tenantId, uid })
        const detail = { channel, way, session: session.id }
        await tx.audit.append({ tenantId, at, actor: uid, action: 'session.login', target: `user:${uid}`, detail })
      })
      const begun = await visitor(session)
      setCookies(res, { tenantId, uid, sessionId: session.id }, secret, session.expiresAt)
      return begun
    },
    async require(req, res) {
      const token = cookies.read(req, 'access')
      const access = token === undefined ? null : tokens.verify(token, now())
      if (access === null) return refresh(req, res)
      return visitor(await store.stores.sessions.session(access.sessionId))
    },
    async end(req, res) {
      const { session } = await this.require(req, res)
      await store.stores.sessions.revoke(session.id, now())
      res.removeHeader('set-cookie')
      cookies.clear(res, 'access')
      cookies.clear(res, 'refresh')
    },
  }
}
