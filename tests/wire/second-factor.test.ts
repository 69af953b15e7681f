import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member } from '../_member.ts'
import { startWorld, type World } from '../_world.ts'

/* The second factor over the wire: whoever has one and has not given it is a member, whatever their role. */

const own = '/api/app/second-factor'
const rule = '/api/app/console/second-factor-rule'
const factorOf = (uid: string): string => `/api/app/console/people/${uid}/second-factor`

let world: World
/** How far the host's clock is ahead: a code is good once, and the next comes half a minute later. */
let ahead = 0
const nextStep = (): void => {
  ahead += 30_000
}
beforeAll(async () => {
  world = await startWorld({ now: () => Date.now() + ahead })
})
afterAll(() => world[Symbol.asyncDispose]())

/** Sets up an app in this session; what it shows at the moment. */
async function setUpApp(member: Member): Promise<{ code: () => string; recoveryCodes: string[] }> {
  const begun = await member.call('POST', `${own}/authenticator`)
  expect(begun.status).toBe(200)
  const secret = Secret.fromBase32(begun.body.secret)
  const code = (): string => TOTP.generate({ secret, timestamp: Date.now() + ahead })
  const confirmed = await member.call('POST', `${own}/authenticator/confirmation`, { code: code() })
  expect(confirmed.status).toBe(200)
  nextStep()
  return { code, recoveryCodes: confirmed.body.recoveryCodes }
}
const standing = async (member: Member) => {
  const { body } = await member.call('GET', '/api/app/session')
  return [body.secondFactor, body.user.roles]
}

/** What administrators alone, or they among others, may ask for. */
const privileged = [
  '/api/app/console/tickets',
  '/api/app/console/deliveries',
  '/api/app/console/audit',
  '/api/app/console/people',
  '/api/app/console/people/bob',
  '/api/app/console/people-export',
  '/api/app/console/api-keys',
  '/api/app/console/channels',
  '/api/app/console/approval-templates',
  '/api/app/notification-rules',
  '/api/app/coverage?module=data_export&event=pending',
  '/api/app/people/bob/notification-settings',
  rule,
]
const statuses = async (member: Member): Promise<number[]> => {
  const answers = await Promise.all(privileged.map((path) => member.call('GET', path)))
  return [...new Set(answers.map(({ status }) => status))]
}

describe('an administrator with a second factor', () => {
  it('has a member’s rights on every page until it is given, and all of them after', async () => {
    const { id } = await world.api.submit({ submitter: 'bob', nodes: [{ name: 'Owner', approvers: ['carol'] }] })
    const first = await logIn(world, 'alice')
    expect(await standing(first)).toEqual(['none', ['admin']])
    expect(await statuses(first)).toEqual([200])
    const app = await setUpApp(first)
    expect(await standing(first)).toEqual(['given', ['admin']])

    const alice = await logIn(world, 'alice')
    expect(await standing(alice)).toEqual(['needed', ['user']])
    expect(await statuses(alice)).toEqual([403])
    // A ticket that is no business of hers is not there, in the H5 app either.
    expect((await alice.call('GET', `/api/app/tickets/${id}`)).status).toBe(404)
    expect((await alice.call('GET', '/api/app/tickets')).status).toBe(200)
    expect((await alice.call('GET', '/api/app/people/alice/notification-settings')).status).toBe(200)
    for (const change of [
      () => alice.call('PATCH', '/api/app/console/people/bob', { disabled: true }),
      () => alice.call('POST', '/api/app/console/api-keys', { name: 'x', scopes: ['tickets:read'] }),
      () => alice.call('PUT', rule, { administratorsNeed: false }),
      () => alice.call('DELETE', factorOf('bob')),
    ]) {
      expect((await change()).body).toMatchObject({ status: 403, code: 'forbidden' })
    }

    const code = app.code()
    expect((await alice.call('POST', `${own}/given/authenticator`, { code })).status).toBe(204)
    expect(await standing(alice)).toEqual(['given', ['admin']])
    expect(await statuses(alice)).toEqual([200])
    expect((await alice.call('GET', `/api/app/tickets/${id}`)).status).toBe(200)
    // The same code in another browser.
    const third = await logIn(world, 'alice')
    const again = await third.call('POST', `${own}/given/authenticator`, { code })
    expect([again.status, again.body.code]).toEqual([422, 'second_factor_wrong'])
    const recovered = await third.call('POST', `${own}/given/recovery-code`, { code: app.recoveryCodes[0] })
    expect(recovered).toMatchObject({ status: 200, body: { left: 9 } })
    const { body: audit } = await third.call('GET', '/api/app/console/audit?action=session.second_factor')
    expect(audit.items.map(({ action, detail }: { action: string; detail: object }) => [action, detail])).toMatchObject(
      [
        ['session.second_factor', { way: 'recovery_code' }],
        ['session.second_factor_refused', { way: 'authenticator' }],
        ['session.second_factor', { way: 'authenticator' }],
      ],
    )
  })

  it('is told when too many wrong codes were given, and for how long', async () => {
    const dan = await logIn(world, 'dan')
    const app = await setUpApp(dan)
    const wrong = app.code() === '000000' ? '000001' : '000000'
    for (let n = 0; n < 5; n += 1) {
      expect((await dan.call('POST', `${own}/given/authenticator`, { code: wrong })).status).toBe(422)
    }
    const stopped = await dan.call('POST', `${own}/given/authenticator`, { code: app.code() })
    expect([stopped.status, stopped.body.code]).toEqual([429, 'too_many_requests'])
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(800)
  })
})

describe('what is asked', () => {
  it('is refused without a log-in, and from any page that is not ours', async () => {
    const carol = await logIn(world, 'carol')
    const asked: [string, string, object?][] = [
      ['GET', own],
      ['POST', `${own}/authenticator`],
      ['POST', `${own}/authenticator/confirmation`, { code: '123456' }],
      ['DELETE', `${own}/authenticator`],
      ['POST', `${own}/passkey-options`],
      ['POST', `${own}/passkeys`, {}],
      ['PATCH', `${own}/passkeys/x`, { name: 'x' }],
      ['DELETE', `${own}/passkeys/x`],
      ['POST', `${own}/recovery-codes`],
      ['POST', `${own}/given/passkey-options`],
      ['POST', `${own}/given/passkey`, {}],
      ['POST', `${own}/given/authenticator`, { code: '123456' }],
      ['POST', `${own}/given/recovery-code`, { code: 'x' }],
      ['GET', rule],
      ['PUT', rule, { administratorsNeed: true }],
      ['DELETE', factorOf('bob')],
    ]
    for (const [method, path, body] of asked) {
      const unknown = await anonymous(world).call(method, path, body)
      expect([path, unknown.status, unknown.body.code]).toEqual([path, 401, 'no_session'])
      if (method === 'GET') continue
      const foreign = await carol.call(method, path, body, { isForeign: true })
      expect([path, foreign.status, foreign.body.code]).toEqual([path, 403, 'csrf'])
    }
  })

  it('names the field that is wrong', async () => {
    const carol = await logIn(world, 'carol')
    const short = await carol.call('POST', `${own}/given/authenticator`, { code: '12345' })
    expect([short.status, short.body.errors]).toMatchObject([422, [{ path: 'code' }]])
    const passkey = { id: '!', rawId: 'x', type: 'public-key', response: {} }
    const bad = await carol.call('POST', `${own}/passkeys`, { name: ' ', passkey })
    const paths = bad.body.errors.map(({ path }: { path: string }) => path)
    expect(paths).toEqual(expect.arrayContaining(['name', 'passkey.id', 'passkey.response.attestationObject']))
  })

  it('of somebody else’s factor is for administrators alone', async () => {
    const carol = await logIn(world, 'carol')
    await setUpApp(carol)
    for (const [uid, platform] of [
      ['bob', 'lark'],
      ['chen', 'feishu'],
    ] as const) {
      const member = await logIn(world, uid, platform)
      expect((await member.call('DELETE', factorOf('carol'))).status).toBe(403)
      expect((await member.call('GET', rule)).status).toBe(403)
      expect((await member.call('PUT', rule, { administratorsNeed: true })).status).toBe(403)
    }
    // A DBA sees people, and not who of them could be taken for somebody else.
    const chen = await logIn(world, 'chen', 'feishu')
    const { body: seen } = await chen.call('GET', '/api/app/console/people')
    expect(new Set(seen.items.map(({ secondFactor }: { secondFactor: unknown }) => secondFactor))).toEqual(
      new Set([null]),
    )
    expect((await chen.call('GET', '/api/app/console/people/carol')).body.secondFactor).toBeNull()
    expect((await carol.call('GET', '/api/app/session')).body.secondFactor).toBe('given')
  })
})

describe('where the provisioning file asks administrators for one', () => {
  it('they set it up first, take it away from who has lost it, and cannot lift the rule in the console', async () => {
    await using strict = await startWorld({
      now: () => Date.now() + ahead,
      change: ({ tenants }) => {
        for (const tenant of tenants) tenant.administratorsNeedSecondFactor = true
      },
    })
    const alice = await logIn(strict, 'alice')
    expect(await standing(alice)).toEqual(['missing', ['user']])
    expect(await statuses(alice)).toEqual([403])
    expect(await standing(await logIn(strict, 'bob'))).toEqual(['none', ['user']])
    const chen = await logIn(strict, 'chen', 'feishu')
    expect(await standing(chen)).toEqual(['missing', ['user']])
    await setUpApp(chen)
    expect(await standing(chen)).toEqual(['given', ['dba']])

    await setUpApp(alice)
    expect(await statuses(alice)).toEqual([200])
    expect((await alice.call('GET', rule)).body).toEqual({ administratorsNeed: true, provisioned: true, without: [] })
    const lifted = await alice.call('PUT', rule, { administratorsNeed: false })
    expect([lifted.status, lifted.body.code]).toEqual([409, 'provisioned'])
    const { body: people } = await alice.call('GET', '/api/app/console/people')
    const having = people.items.filter((person: { secondFactor: boolean }) => person.secondFactor)
    expect(having.map(({ uid }: { uid: string }) => uid)).toEqual(['alice', 'chen'])

    expect((await alice.call('DELETE', factorOf('chen'))).status).toBe(204)
    expect((await chen.call('GET', '/api/app/session')).status).toBe(401)
    expect((await alice.call('DELETE', factorOf('chen'))).body.code).toBe('second_factor_missing')
    expect((await alice.call('DELETE', factorOf('nobody'))).status).toBe(404)
    expect(await standing(await logIn(strict, 'chen', 'feishu'))).toEqual(['missing', ['user']])
    // Ten minutes later she shows again that it is her.
    ahead += 10 * 60_000
    expect((await alice.call('DELETE', factorOf('chen'))).body.code).toBe('second_factor_needed')
  })
})
