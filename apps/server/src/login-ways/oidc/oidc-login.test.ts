import { describe, expect, it } from 'vitest'
import { refusal } from '#server/api/app/notification-settings/_desk.ts'
import { onEveryEngine, onSqlite } from '#server/db/_engines.ts'
import { unbindCompanyAccount } from '#server/people/unbind-account.ts'
import { type House, openHouse } from '../_house.ts'
import { openProvider, type Provider } from './_provider.ts'
import { testProvider } from './test-provider.ts'

/** Begins in this browser, says yes at the provider, and comes back. */
async function logIn(house: House, provider: Provider, { browser = 'laptop', tenant = 'acme' } = {}) {
  const { authorizeUrl } = await house.oidcLogin.start({ tenant, target: '/people?q=a' }, browser)
  return house.oidcLogin.finish(provider.consent(authorizeUrl), browser)
}
const why = async (house: House, provider: Provider): Promise<string> => (await refusal(logIn(house, provider))).code

onEveryEngine((engine) => {
  it('an account is matched once, by an address that is verified there and known here, and is bound from then on', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer })
    const { user, target } = await logIn(house, provider)
    expect([user.uid, target]).toEqual(['alice', '/people?q=a'])
    // Whatever its claims say later: it is hers.
    provider.quirks.claims = { sub: 'S-alice', email: 'eve@acme.test', email_verified: false }
    expect((await logIn(house, provider)).user.uid).toBe('alice')
    expect(await house.audit()).toEqual([
      `alice user.company_account_bound user:alice ${JSON.stringify({ issuer: provider.issuer, claim: 'email' })}`,
    ])
  })

  it('what an administrator here could have entered matches nobody', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer })
    const come = (claims: Record<string, unknown>) => {
      provider.quirks.claims = claims
      return why(house, provider)
    }
    expect(await come({ sub: 'S1', email: 'bob@acme.test', email_verified: true })).toBe('not_bound')
    expect(await come({ sub: 'S1', email: 'alice@acme.test', email_verified: false })).toBe('email_unverified')
    expect(await come({ sub: 'S1', email: 'alice@acme.test' })).toBe('email_unverified')
    expect(await come({ sub: 'S1', email: 'alice@acme.test', email_verified: 'true' })).toBe('email_unverified')
    expect(await come({ sub: 'S1', email: 'nobody@acme.test', email_verified: true })).toBe('not_bound')
    expect(await come({ sub: 'S1' })).toBe('not_bound')
    // What the provider has verified is its claim `email`, and no other that people may write into.
    await house.settle({ issuer: provider.issuer, claimName: 'preferred_username' })
    const own = { email: 'mallory@acme.test', email_verified: true }
    expect(await come({ sub: 'S1', ...own, preferred_username: 'alice@acme.test' })).toBe('email_unverified')
    await house.settle({ issuer: provider.issuer, claim: 'employeeId' })
    expect(await come({ sub: 'S1', employeeId: 'E-bob' })).toBe('not_bound')
    expect(await come({ sub: 'S1', employeeId: 'E-dan' })).toBe('user_disabled')
    const lines = await house.audit()
    expect(lines).toHaveLength(9)
    expect(lines[0]).toBe('visitor session.login_refused user:dan {"way":"oidc","reason":"user_disabled"}')
    expect(lines[8]).toBe('visitor session.login_refused tenant:acme {"way":"oidc","reason":"not_bound"}')
    // Who has shown the address to be theirs, and whom the file names.
    provider.quirks.claims = { sub: 'S2', employeeId: 'E-alice' }
    expect((await logIn(house, provider)).user.uid).toBe('alice')
    await house.settle({ issuer: provider.issuer })
    provider.quirks.claims = { sub: 'S3', email: 'EVE@acme.test', email_verified: true }
    expect((await logIn(house, provider)).user.uid).toBe('eve')
  })

  it('a person has one account at an issuer, and an account one person, also when two come at once', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer })
    await logIn(house, provider)
    provider.quirks.claims = { ...provider.quirks.claims, sub: 'S-other' }
    expect(await why(house, provider)).toBe('identity_taken')
    const admin = { tenantId: 'acme', uid: 'eve' }
    await database.store.run((tx) => unbindCompanyAccount(tx, { admin, at: 1 }, 'alice'))
    // Two accounts at once with the same claim: one becomes hers.
    const begun = []
    for (const browser of ['laptop', 'phone']) {
      provider.quirks.claims = { ...provider.quirks.claims, sub: `S-${browser}` }
      const { authorizeUrl } = await house.oidcLogin.start({ tenant: 'acme', target: '/' }, browser)
      begun.push({ browser, answer: provider.consent(authorizeUrl) })
    }
    const outcomes = await Promise.allSettled(
      begun.map(({ browser, answer }) => house.oidcLogin.finish(answer, browser)),
    )
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'identity_taken' } })
    expect(await database.stores.companyAccounts.of('acme', 'alice')).toHaveLength(1)
  })

  it('is the business of one tenant: what is known in one lets into no other', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer })
    await logIn(house, provider)
    expect((await refusal(house.oidcLogin.start({ tenant: 'beta', target: '/' }, 'laptop'))).code).toBe('way_closed')
    await house.settle({ issuer: provider.issuer }, 'beta')
    expect((await logIn(house, provider, { tenant: 'beta' })).user).toMatchObject({ tenantId: 'beta', uid: 'alice' })
    expect(await database.stores.companyAccounts.countOf('acme', provider.issuer)).toBe(1)
  })
})

onSqlite((engine) => {
  describe('an answer is refused', () => {
    it('in another browser, a second time, after ten minutes, and with a state of nobody', async () => {
      await using database = await engine.open()
      await using house = await openHouse(database)
      await using provider = await openProvider()
      await house.settle({ issuer: provider.issuer })
      const begin = async (browser: string) =>
        provider.consent((await house.oidcLogin.start({ tenant: 'acme', target: '/' }, browser)).authorizeUrl)
      const stolen = await begin('laptop')
      expect((await refusal(house.oidcLogin.finish(stolen, 'phone'))).code).toBe('state_invalid')
      const once = await begin('laptop')
      await house.oidcLogin.finish(once, 'laptop')
      expect((await refusal(house.oidcLogin.finish(once, 'laptop'))).code).toBe('state_invalid')
      const late = await begin('laptop')
      house.clock.now += 10 * 60_000
      expect((await refusal(house.oidcLogin.finish(late, 'laptop'))).code).toBe('state_invalid')
      expect((await refusal(house.oidcLogin.finish('?code=1&state=abc', 'laptop'))).code).toBe('state_invalid')
      // Another provider has taken the place of the one that was asked.
      const moved = await begin('laptop')
      await house.settle({ issuer: 'http://127.0.0.1:9/' })
      expect((await refusal(house.oidcLogin.finish(moved, 'laptop'))).code).toBe('state_invalid')
    })

    it('whose ID token is for another log-in, client or issuer, is forged, unsigned or has run out', async () => {
      await using database = await engine.open()
      await using house = await openHouse(database)
      await using provider = await openProvider()
      await house.settle({ issuer: provider.issuer })
      const { quirks } = provider
      const sound = { ...quirks }
      const wrongs: Partial<typeof quirks>[] = [
        { nonce: 'of another log-in' },
        { audience: 'another-client' },
        { issuer: 'https://elsewhere.test' },
        { isForged: true },
        { isUnsigned: true },
        { lifetime: -120 },
      ]
      for (const wrong of wrongs) {
        Object.assign(quirks, wrong)
        expect([wrong, await why(house, provider)]).toEqual([wrong, 'login_failed'])
        for (const name of ['nonce', 'audience', 'issuer'] as const) delete quirks[name]
        Object.assign(quirks, sound)
      }
      expect(await database.stores.companyAccounts.of('acme', 'alice')).toEqual([])
      expect((await house.audit())[0]).toBe(
        'visitor session.login_refused tenant:acme {"way":"oidc","reason":"login_failed"}',
      )
      await expect(logIn(house, provider)).resolves.toBeDefined()
    })

    it('with words that say who can mend it', async () => {
      await using database = await engine.open()
      await using house = await openHouse(database)
      await using provider = await openProvider()
      await house.settle({ issuer: provider.issuer })
      const { quirks } = provider
      const back = async (error: string) => {
        const { authorizeUrl } = await house.oidcLogin.start({ tenant: 'acme', target: '/' }, 'laptop')
        const state = new URL(authorizeUrl).searchParams.get('state') ?? ''
        return (await refusal(house.oidcLogin.finish(`?${new URLSearchParams({ error, state })}`, 'laptop'))).code
      }
      expect(await back('access_denied')).toBe('provider_denied')
      expect(await back('temporarily_unavailable')).toBe('provider_unavailable')
      expect(await back('invalid_scope')).toBe('provider_misconfigured')
      quirks.refusal = { status: 503, error: 'temporarily_unavailable' }
      expect(await why(house, provider)).toBe('provider_unavailable')
      quirks.refusal = { status: 400, error: 'invalid_grant' }
      expect(await why(house, provider)).toBe('login_failed')
      quirks.refusal = null
      await house.settle({ issuer: provider.issuer, clientSecret: 'an old secret' })
      expect(await why(house, provider)).toBe('provider_misconfigured')
      // Nobody listens there.
      await house.settle({ issuer: 'http://127.0.0.1:9/' })
      expect((await refusal(house.oidcLogin.start({ tenant: 'acme', target: '/' }, 'laptop'))).code).toBe(
        'provider_unavailable',
      )
    })
  })

  it('a claim that the ID token lacks is asked for, and may be called otherwise', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer, claim: 'uid', claimName: 'https://acme.test/name' })
    provider.quirks.claims = { sub: 'S-alice' }
    provider.quirks.userInfo = { 'https://acme.test/name': 'alice' }
    expect((await logIn(house, provider)).user.uid).toBe('alice')
    expect(provider.calls).toContain('/userinfo')
  })

  it('leads nowhere but to a page of the console', async () => {
    await using database = await engine.open()
    await using house = await openHouse(database)
    await using provider = await openProvider()
    await house.settle({ issuer: provider.issuer })
    for (const target of ['//evil.test', 'https://evil.test', '/\\evil.test', '']) {
      const { authorizeUrl } = await house.oidcLogin.start({ tenant: 'acme', target }, 'laptop')
      expect((await house.oidcLogin.finish(provider.consent(authorizeUrl), 'laptop')).target).toBe('/')
    }
  })

  it('the test of a provider says what it offers, or which of the usual things is wrong', async () => {
    await using provider = await openProvider()
    const { issuer, quirks } = provider
    expect(await testProvider(issuer)).toMatchObject({ ok: true, fault: null, tokenEndpoint: `${issuer}/token` })
    quirks.calledIssuer = 'https://elsewhere.test'
    expect(await testProvider(issuer)).toMatchObject({ ok: false, fault: 'issuer_differs' })
    delete quirks.calledIssuer
    quirks.discoveryStatus = 404
    expect(await testProvider(issuer)).toMatchObject({ ok: false, fault: 'not_openid' })
    quirks.answersWithPage = true
    expect(await testProvider(issuer)).toMatchObject({ ok: false, fault: 'not_openid' })
    expect(await testProvider('http://127.0.0.1:9')).toMatchObject({ ok: false, fault: 'unreachable' })
    quirks.hangs = true
    expect(await testProvider(issuer, 0.2)).toMatchObject({ ok: false, fault: 'timeout' })
  })
})
