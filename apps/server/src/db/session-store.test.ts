import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import type { LoginAttempt, SessionRecord } from './stores.ts'

const attempt: LoginAttempt = {
  tenantId: 'acme',
  secretHash: 'a1',
  kind: 'state',
  channel: 'lark',
  browserHash: 'b1',
  detail: { verifier: 'sealed', target: '/x' },
  expiresAt: 2_000,
}
const session: SessionRecord = {
  tenantId: 'acme',
  id: 's1',
  uid: 'alice',
  channel: 'lark',
  refreshHash: 'r1',
  previousHash: null,
  rotatedAt: 1_000,
  createdAt: 1_000,
  expiresAt: 5_000,
  revokedAt: null,
  secondFactorAt: null,
  userAgent: null,
  platformUserId: 'ou_alice',
  way: 'platform',
}

onEveryEngine((engine) => {
  it('gives a log-in secret away once', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    await sessions.addAttempt(attempt)
    const taken = await Promise.all(Array.from({ length: 10 }, () => sessions.takeAttempt('state', 'a1', 1_500)))
    expect(taken.filter((each) => each !== null)).toEqual([attempt])
  })

  it('does not find a log-in secret that has expired, is of the other kind or is unknown', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    await sessions.addAttempt(attempt)
    expect(await sessions.takeAttempt('state', 'a1', 2_000)).toBeNull()
    expect(await sessions.takeAttempt('nonce', 'a1', 1_500)).toBeNull()
    expect(await sessions.takeAttempt('state', 'a2', 1_500)).toBeNull()
  })

  it('looks at an attempt and leaves it there', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    const begun = { ...attempt, kind: 'email' as const }
    await sessions.addAttempt(begun)
    expect(await sessions.attempt('email', 'a1', 1_500)).toEqual(begun)
    expect(await sessions.attempt('oidc', 'a1', 1_500)).toBeNull()
    expect(await sessions.attempt('email', 'a1', 2_000)).toBeNull()
    expect(await sessions.takeAttempt('email', 'a1', 1_500)).toEqual(begun)
  })

  it('ends what a person has begun by one way, and nothing of anybody else', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    const other = [
      { id: 's2', way: 'oidc' as const },
      { id: 's3', way: 'oidc' as const, uid: 'bob' },
    ]
    await sessions.addSession(session)
    for (const each of other) await sessions.addSession({ ...session, ...each })
    await sessions.addSession({ ...session, id: 's4', way: 'oidc', tenantId: 'beta' })
    await sessions.revokeByWay({ tenantId: 'acme', uid: session.uid, way: 'oidc' }, 1_500)
    const ended = await Promise.all(['s1', 's2', 's3', 's4'].map((id) => sessions.session(id)))
    expect(ended.map((each) => each?.revokedAt)).toEqual([null, 1_500, null, null])
  })

  it('rotates a refresh token for the first of two who show the same one', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    await sessions.addSession(session)
    const rotated = await Promise.all(['r2', 'r3'].map((to) => sessions.rotate('s1', 'r1', to, 2_000)))
    expect(rotated.toSorted()).toEqual([false, true])
    const winner = rotated[0] ? 'r2' : 'r3'
    expect(await sessions.session('s1')).toEqual({
      ...session,
      refreshHash: winner,
      previousHash: 'r1',
      rotatedAt: 2_000,
    })
  })

  it('rotates no session that was revoked or has expired', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    await sessions.addSession(session)
    await sessions.addSession({ ...session, id: 's2' })
    await sessions.revoke('s1', 1_500)
    await sessions.revoke('s1', 1_900)
    expect(await sessions.rotate('s1', 'r1', 'r2', 2_000)).toBe(false)
    expect(await sessions.rotate('s2', 'r1', 'r2', 5_000)).toBe(false)
    expect((await sessions.session('s1'))?.revokedAt).toBe(1_500)
    expect(await sessions.session('s3')).toBeNull()
  })

  it('forgets what has expired and nothing else', async () => {
    await using database = await engine.open()
    const { sessions } = database.stores
    await sessions.addAttempt(attempt)
    await sessions.addAttempt({ ...attempt, secretHash: 'a2', expiresAt: 9_000 })
    await sessions.addSession(session)
    await sessions.addSession({ ...session, id: 's2', expiresAt: 9_000 })
    expect(await sessions.forgetExpired(5_000)).toBe(2)
    expect(await sessions.session('s1')).toBeNull()
    expect(await sessions.session('s2')).not.toBeNull()
    expect(await sessions.takeAttempt('state', 'a2', 5_000)).not.toBeNull()
  })
})
