import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member, type MemberAnswer } from '../_member.ts'
import { codeFor, consent, openidClient, startWaysIn } from '../_ways-in.ts'
import type { World } from '../_world.ts'

/* Into the console by a code in an e-mail and by a company account: who is let in, who is not, and who may change it. */

let world: World
/** How far the server's clock is ahead: waits are passed over, not sat out. */
let aheadMs = 0
beforeAll(async () => {
  world = await startWaysIn({
    now: () => Date.now() + aheadMs,
    change: (tenant) => {
      const dan = tenant.users.find(({ uid }) => uid === 'dan')
      if (dan !== undefined) dan.disabled = true
      const carol = tenant.users.find(({ uid }) => uid === 'carol')
      if (carol !== undefined) carol.roles = ['security_admin']
    },
  })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => {
  world.sandbox.faults.clear()
  // Past every pause between two codes.
  aheadMs += 61_000
})

const codePath = '/api/app/login/email/code'
const waysPath = '/api/app/console/login-ways'
const ask = async (member: Member, email: string): Promise<MemberAnswer> => {
  const answer = await member.call('POST', codePath, { tenant: 'acme', email })
  await world.server.drain()
  return answer
}
const give = (member: Member, attempt: string, code: string): Promise<MemberAnswer> =>
  member.call('POST', '/api/app/login/email', { attempt, code })
const finish = (member: Member, answer: string): Promise<MemberAnswer> =>
  member.call('POST', '/api/app/login/oidc/finish', { answer })
const mails = (uid: string): number => world.sandbox.mail.inbox(`${uid}@acme.test`).length
const audit = async (admin: Member, action: string) =>
  (await admin.call('GET', `/api/app/console/audit?action=${action}`)).body.items

describe('a code in an e-mail', () => {
  it('lets in whose address it is, in the browser that asked, once; session and audit say how', async () => {
    const bob = anonymous(world)
    const asked = await ask(bob, 'bob@acme.test')
    expect([asked.status, asked.body]).toEqual([202, { attempt: expect.any(String), resendAfter: 60, validFor: 600 }])
    const code = codeFor(world.sandbox, 'bob@acme.test')
    const elsewhere = await give(anonymous(world), asked.body.attempt, code)
    expect([elsewhere.status, elsewhere.body.code]).toEqual([401, 'state_invalid'])
    const entered = await give(bob, asked.body.attempt, code)
    expect(entered.body).toMatchObject({ user: { uid: 'bob' }, tenant: { id: 'acme' }, channel: 'email' })
    expect((await give(bob, asked.body.attempt, code)).status).toBe(401)
    const sessions = await bob.call('GET', '/api/app/sessions')
    expect(sessions.body.items[0]).toMatchObject({ way: 'email', isThis: true })
    const [login] = await audit(await logIn(world, 'alice'), 'session.login')
    expect(login.actor.uid).toBe('alice')
    const logins = await audit(await logIn(world, 'alice'), 'session.login')
    expect(logins.map(({ detail }: { detail: { way: string } }) => detail.way)).toContain('email')
  })

  it('says the same to everybody: nobody learns who is there', async () => {
    const before = mails('dan') + mails('nobody')
    const answers = []
    for (const who of ['carol', 'dan', 'nobody']) {
      const { status, body, headers } = await ask(anonymous(world), `${who}@acme.test`)
      answers.push(JSON.stringify([status, { ...body, attempt: body.attempt.length }, headers.get('content-length')]))
    }
    expect(new Set(answers).size).toBe(1)
    expect(mails('dan') + mails('nobody')).toBe(before)
    expect(mails('carol')).toBe(1)
    const again = await ask(anonymous(world), 'nobody@acme.test')
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, '60'])
  })

  it('of fifty guesses at once five are compared', async () => {
    const guesser = anonymous(world)
    const { body } = await ask(guesser, 'chen@acme.test')
    const right = codeFor(world.sandbox, 'chen@acme.test')
    const wrong = right === '000000' ? '000001' : '000000'
    const answers = await Promise.all(Array.from({ length: 50 }, () => give(guesser, body.attempt, wrong)))
    expect(answers.filter((answer) => answer.body.code === 'code_wrong').length).toBe(5)
    expect((await give(guesser, body.attempt, right)).body.code).toMatch(/code_expired|too_many_requests/)
  })

  it('goes to no address that an administrator has entered, until the person has shown it to be theirs', async () => {
    const alice = await logIn(world, 'alice')
    const person = { uid: 'zoe', name: 'Zoe', email: 'zoe@acme.test' }
    expect((await alice.call('POST', '/api/app/console/people', person)).status).toBe(201)
    world.sandbox.mail.addMailbox('zoe@acme.test')
    const settings = '/api/app/people/zoe/notification-settings/channels/email'
    const entered = await alice.call('PUT', settings, { address: { email: 'zoe@acme.test' } })
    expect(entered.status).toBe(200)
    await ask(anonymous(world), 'zoe@acme.test')
    expect(mails('zoe')).toBe(0)

    const { link } = (await alice.call('POST', '/api/app/console/people/zoe/login-link')).body
    const zoe = anonymous(world)
    await zoe.call('POST', '/api/app/login/link', { link: new URL(link).hash.slice('#link='.length) })
    const address = { email: 'zoe@acme.test' }
    expect((await zoe.call('POST', `${settings}/code`, { address })).body.via).toBe('email')
    await world.server.drain()
    const proof = { address, code: codeFor(world.sandbox, 'zoe@acme.test') }
    expect((await zoe.call('PUT', settings, proof)).status).toBe(200)

    aheadMs += 61_000
    const laptop = anonymous(world)
    const asked = await ask(laptop, 'zoe@acme.test')
    expect((await give(laptop, asked.body.attempt, codeFor(world.sandbox, 'zoe@acme.test'))).status).toBe(200)
    // Whoever can come in by themself is made no link any more.
    const refused = await alice.call('POST', '/api/app/console/people/zoe/login-link')
    expect([refused.status, refused.body.code]).toEqual([409, 'logs_in_by_platform'])
    // An address that is entered anew is not hers until she shows it, and ends what was begun by the one before.
    await alice.call('PUT', settings, { address: { email: 'alice@acme.test' } })
    expect((await laptop.call('GET', '/api/app/session')).status).toBe(401)
  })

  it('is refused where it is malformed, and from another site', async () => {
    const bad = await anonymous(world).call('POST', codePath, { tenant: 'acme', email: 'no address' })
    expect([bad.status, bad.body.errors[0].path]).toEqual([422, 'email'])
    const foreign = await anonymous(world).call(
      'POST',
      codePath,
      { tenant: 'acme', email: 'a@b.test' },
      { isForeign: true },
    )
    expect(foreign.status).toBe(403)
    expect((await give(anonymous(world), 'x'.repeat(43), '12')).status).toBe(422)
  })
})

describe('a company account', () => {
  it('lets in whom it fits, and is theirs from then on', async () => {
    const bob = anonymous(world)
    const entered = await finish(bob, await consent(world, bob, 'co-bob'))
    expect([entered.status, entered.body.target]).toEqual([200, '/people'])
    expect(entered.body).toMatchObject({ user: { uid: 'bob' }, channel: null })
    expect((await bob.call('GET', '/api/app/sessions')).body.items[0]).toMatchObject({ way: 'oidc' })
    // They are told where they are known: nobody is bound to somebody unseen.
    await logIn(world, 'carol')
    world.sandbox.openid.putAccount({ id: 'co-carol', name: 'Carol', email: 'carol@acme.test', emailVerified: true })
    const carol = anonymous(world)
    await finish(carol, await consent(world, carol, 'co-carol'))
    await world.drain()
    expect(JSON.stringify(world.sandbox.chat('carol').at(-1))).toContain('A company account now logs in as Carol Ng')
    const admin = await logIn(world, 'alice')
    const { body } = await admin.call('GET', '/api/app/console/people/bob')
    expect(body.companyAccounts).toEqual([{ issuer: world.sandbox.openid.issuer, boundAt: expect.any(String) }])
    world.sandbox.openid.putAccount({ ...world.sandbox.openid.account('co-bob'), email: 'renamed@acme.test' })
    const again = anonymous(world)
    expect((await finish(again, await consent(world, again, 'co-bob'))).body.user.uid).toBe('bob')

    const unbound = await admin.call('DELETE', '/api/app/console/people/bob/company-account')
    expect([unbound.status, unbound.body.companyAccounts]).toEqual([200, []])
    expect((await bob.call('GET', '/api/app/session')).status).toBe(401)
    expect((await admin.call('DELETE', '/api/app/console/people/bob/company-account')).status).toBe(404)
    expect((await audit(admin, 'user.company_account')).map(({ action }: { action: string }) => action)).toEqual([
      'user.company_account_unbound',
      'user.company_account_bound',
      'user.company_account_bound',
    ])
  })

  it('is refused where it is unverified, of nobody or of somebody disabled, and where the person refuses', async () => {
    const { openid } = world.sandbox
    openid.putAccount({ id: 'co-li', name: 'Li', email: 'li@acme.test', emailVerified: false })
    openid.putAccount({ id: 'co-nobody', name: 'No', email: 'nobody@acme.test', emailVerified: true })
    const refused = async (account: string | null) => {
      const member = anonymous(world)
      const { status, body } = await finish(member, await consent(world, member, account))
      return [status, body.code]
    }
    expect(await refused('co-li')).toEqual([403, 'email_unverified'])
    expect(await refused('co-nobody')).toEqual([403, 'not_bound'])
    expect(await refused('co-dan')).toEqual([403, 'not_bound'])
    expect(await refused(null)).toEqual([401, 'provider_denied'])
    const entries = await audit(await logIn(world, 'alice'), 'session.login_refused')
    expect(entries[0]).toMatchObject({ actor: { uid: 'visitor' }, detail: { way: 'oidc', reason: 'not_bound' } })
  })

  it('comes back once, and to the browser that began', async () => {
    const member = anonymous(world)
    const stolen = await consent(world, member, 'co-alice')
    expect((await finish(anonymous(world), stolen)).body.code).toBe('state_invalid')
    const once = await consent(world, member, 'co-alice')
    expect((await finish(member, once)).status).toBe(200)
    expect((await finish(member, once)).body.code).toBe('state_invalid')
  })

  it('says that the provider does not answer, and lets in again once it does', async () => {
    const member = anonymous(world)
    const answer = await consent(world, member, 'co-alice')
    world.sandbox.faults.set({ kind: 'server-error', platform: 'openid' })
    const down = await finish(member, answer)
    expect([down.status, down.body.code]).toEqual([503, 'provider_unavailable'])
    world.sandbox.faults.clear()
    expect((await finish(member, await consent(world, member, 'co-alice'))).status).toBe(200)
  })
})

describe('ways in', () => {
  it('are offered before anybody is known', async () => {
    const { body } = await anonymous(world).call('GET', '/api/app/login-options')
    expect(body.tenants[0]).toMatchObject({ email: true, oidc: { label: 'Company account' } })
  })

  it('of the provisioning file are shown without the secret, and changed there', async () => {
    const admin = await logIn(world, 'alice')
    const shown = await admin.call('GET', waysPath)
    expect(shown.body).toMatchObject({
      redirectUri: `${world.url}/console/login/oidc`,
      platforms: ['lark', 'feishu'],
      email: { open: true, provisioned: false, channelEnabled: true },
      oidc: { isConfigured: true, enabled: true, provisioned: true, secretSet: true, clientId: 'countersign' },
    })
    expect(JSON.stringify(shown.body)).not.toContain(openidClient.clientSecret)
    const change = await admin.call('PATCH', waysPath, { oidc: { enabled: false } })
    expect([change.status, change.body.code]).toEqual([409, 'provisioned'])
  })

  it('a closed one lets nobody in, at once', async () => {
    const admin = await logIn(world, 'alice')
    const asker = anonymous(world)
    const asked = await ask(asker, 'li@acme.test')
    expect((await admin.call('PATCH', waysPath, { email: { open: false } })).body.email.open).toBe(false)
    expect((await give(asker, asked.body.attempt, codeFor(world.sandbox, 'li@acme.test'))).body.code).toBe('way_closed')
    expect((await ask(asker, 'alice@acme.test')).body.code).toBe('way_closed')
    expect((await anonymous(world).call('GET', '/api/app/login-options')).body.tenants[0].email).toBe(false)
    expect((await audit(admin, 'login_way.change'))[0]).toMatchObject({
      actor: { uid: 'alice' },
      target: 'login_way:email',
      detail: { enabled: false },
    })
    await admin.call('PATCH', waysPath, { email: { open: true } })
  })
})

describe('a provider that is set up in the console', () => {
  let own: World
  beforeAll(async () => {
    own = await startWaysIn({ change: (tenant) => void delete tenant.oidc })
  })
  afterAll(() => own[Symbol.asyncDispose]())

  it('is tested, saved, opened; its secret never comes back, and another issuer needs it again', async () => {
    const admin = await logIn(own, 'alice')
    const { issuer } = own.sandbox.openid
    expect((await admin.call('POST', `${waysPath}/oidc-test`, { issuer })).body).toMatchObject({ ok: true, issuer })
    const wrong = await admin.call('POST', `${waysPath}/oidc-test`, { issuer: `${own.sandbox.url}/hooks` })
    expect(wrong.body).toMatchObject({ ok: false, fault: 'not_openid' })

    const half = await admin.call('PATCH', waysPath, { oidc: { issuer, clientId: 'countersign' } })
    expect([half.status, half.body.errors[0].path]).toEqual([422, 'oidc.clientSecret'])
    const saved = await admin.call('PATCH', waysPath, { oidc: { issuer, ...openidClient, claim: 'uid' } })
    expect(saved.body.oidc).toMatchObject({ isConfigured: true, enabled: false, secretSet: true, provisioned: false })
    const closed = await anonymous(own).call('POST', '/api/app/login/oidc/start', { tenant: 'acme', target: '/' })
    expect(closed.body.code).toBe('way_closed')
    const moved = await admin.call('PATCH', waysPath, { oidc: { issuer: 'https://elsewhere.test' } })
    expect([moved.status, moved.body.errors[0].path]).toEqual([422, 'oidc.clientSecret'])

    const opened = await admin.call('PATCH', waysPath, { oidc: { enabled: true, label: 'Acme' } })
    expect(opened.body.oidc).toMatchObject({ enabled: true, label: 'Acme' })
    const member = anonymous(own)
    expect((await finish(member, await consent(own, member, 'co-bob'))).body.user.uid).toBe('bob')
    for (const { body } of [saved, opened]) expect(JSON.stringify(body)).not.toContain(openidClient.clientSecret)
    const { items } = (await admin.call('GET', '/api/app/console/audit?action=login_way')).body
    expect(items[1].detail).toEqual({ enabled: false, fields: 'claim clientId clientSecret issuer', issuer })
    expect(JSON.stringify(items)).not.toContain(openidClient.clientSecret)
  })

  it('is no business of anybody without the role', async () => {
    for (const [who, through] of [
      ['chen', 'feishu'],
      ['bob', 'lark'],
    ] as const) {
      const member = await logIn(own, who, through)
      const asked = [
        ['GET', waysPath, undefined],
        ['PATCH', waysPath, { email: { open: false } }],
        ['POST', `${waysPath}/oidc-test`, { issuer: own.sandbox.openid.issuer }],
        ['DELETE', '/api/app/console/people/bob/company-account', undefined],
      ] as const
      for (const [method, path, body] of asked) {
        expect([who, path, (await member.call(method, path, body)).status]).toEqual([who, path, 403])
      }
    }
    expect((await anonymous(own).call('GET', waysPath)).status).toBe(401)
  })
})
