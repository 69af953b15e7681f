import { randomBytes, randomUUID } from 'node:crypto'
import { OidcSettings } from '@countersign/contracts'
import { FakeMessenger } from '#server/api/app/notification-settings/_desk.ts'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import type { TestDatabase } from '#server/db/_engines.ts'
import { storeOidc } from '#server/db/login-way-settings.ts'
import { addressDigest } from '#server/db/user-address.ts'
import { createOutboundLimiter } from '#server/delivery/rate-limit.ts'
import { createTenantTexts } from '#server/texts/tenant-texts.ts'
import { createCodeSender } from '#server/verification/code-sender.ts'
import { createCodes } from '#server/verification/codes.ts'
import { createThrottles } from '#server/verification/throttles.ts'
import { createEmailLogin } from './email-login.ts'
import { createOidcLogin } from './oidc/oidc-login.ts'
import { createOidcProviders } from './oidc/provider.ts'
import { createLoginWaySettings } from './settings.ts'

/* A host with its ways in, for tests of who they let in. */

export type House = Awaited<ReturnType<typeof openHouse>>

const email = (uid: string): string => `${uid}@acme.test`

/**
 * In Acme: Alice and the disabled Dan are of the provisioning file, with address and employee number. Bob and Eve were
 * added by an administrator, who has entered their addresses too; Eve has shown hers to be her own. Beta has an Alice of the
 * same address. E-mail is on in both.
 */
export async function openHouse(database: TestDatabase) {
  const { store, db } = database
  const clock = { now: 1_700_000_000_000 }
  const now = () => clock.now
  const keys = createKeyRing([randomBytes(32)])
  const sealer = createSealer(keys)
  const plain = { locale: null, time_zone: null, updated_at: 0 }
  const person = (uid: string, more: { tenant?: string; provisioned?: 0 | 1; disabled?: 0 | 1 } = {}) => ({
    tenant_id: more.tenant ?? 'acme',
    uid,
    name: uid,
    roles: '["user"]',
    email: email(uid),
    mobile: null,
    employee_id: `E-${uid}`,
    disabled: more.disabled ?? 0,
    provisioned: more.provisioned ?? 1,
    ...plain,
  })
  const mailbox = (uid: string, proved: string | null) => ({
    tenant_id: 'acme',
    uid,
    channel: 'email',
    address: JSON.stringify({ email: email(uid) }),
    provisioned: 0 as const,
    updated_at: 0,
    proved,
  })
  for (const id of ['acme', 'beta']) {
    await db
      .insertInto('tenants')
      .values({ id, name: id, allow_self_approval: 0, ...plain })
      .execute()
    const channel = { enabled: 1 as const, settings: '{}', secrets: '{}', app_id: null, provisioned: 1 as const }
    await db
      .insertInto('channels')
      .values({ tenant_id: id, name: 'email', ...channel, updated_at: 0 })
      .execute()
  }
  await db
    .insertInto('users')
    .values([
      person('alice'),
      person('dan', { disabled: 1 }),
      person('bob', { provisioned: 0 }),
      person('eve', { provisioned: 0 }),
      person('alice', { tenant: 'beta' }),
    ])
    .execute()
  const eves = addressDigest('email', { email: email('eve') })
  await db
    .insertInto('user_channels')
    .values([mailbox('bob', null), mailbox('eve', eves)])
    .execute()

  const messenger = new FakeMessenger('email', true)
  const switches = { mail: true }
  const limiter = await createOutboundLimiter({ databaseUrl: null })
  const logged: object[] = []
  const log = { info: (fields: object) => void logged.push(fields), warn: (fields: object) => void logged.push(fields) }
  const messengers = {
    get: async (tenantId: string, name: string) =>
      switches.mail && name === 'email' && tenantId !== 'nowhere' ? messenger : null,
  }
  const calls = { store, limiter, savings: async () => new Set<never>(), log, now }
  const texts = createTenantTexts({ stores: store.stores, log })
  const codeSender = createCodeSender({ ...calls, channels: { get: async () => null }, messengers, texts })
  const ways = createLoginWaySettings({ stores: store.stores, messengers, sealer, log })
  const [codes, throttles] = [createCodes({ keys, now }), createThrottles({ keys, now })]
  const emailLogin = createEmailLogin({ store, ways, codes, codeSender, throttles, locale: 'en', timeZone: 'UTC', now })
  const publicUrl = 'https://countersign.acme.test'
  const oidcLogin = createOidcLogin({
    ...{ store, ways, providers: createOidcProviders(), sealer, publicUrl, now },
    ...{ locale: 'en', newId: () => randomUUID(), committed: () => undefined },
  })

  /** Asks for a code from some browser; gives what was answered, and the code if one was sent. */
  const ask = async (address: string, { browser = 'laptop', tenant = 'acme', caller = '203.0.113.7' } = {}) => {
    const sent = messenger.letters.length
    const asker = { browser, caller, answered: () => Promise.resolve() }
    const answer = await emailLogin.sendCode({ tenant, email: address }, asker)
    await codeSender.drain()
    const letter = messenger.letters[sent]
    const { content } = letter ?? {}
    const code = content !== undefined && 'code' in content ? content.code : null
    return { answer, code, to: letter?.address ?? null }
  }
  const settle = async (settings: Partial<OidcSettings>, tenant = 'acme'): Promise<void> => {
    const whole = OidcSettings.parse({ clientId: 'countersign', clientSecret: 'a client secret', ...settings })
    const row = { tenant_id: tenant, way: 'oidc', provisioned: 0 as const, updated_at: clock.now }
    await store.run((tx) => tx.loginWays.put({ ...row, ...storeOidc(sealer, tenant, whole) }))
  }
  return {
    database,
    clock,
    switches,
    messenger,
    emailLogin,
    oidcLogin,
    ways,
    sealer,
    publicUrl,
    ask,
    settle,
    audit: async () =>
      (await store.stores.audit.list('acme', {}, { limit: 50 })).items.map(({ actor, action, target, detail }) => {
        return `${actor} ${action} ${target} ${detail}`
      }),
    async [Symbol.asyncDispose]() {
      await codeSender[Symbol.asyncDispose]()
      await limiter[Symbol.asyncDispose]()
    },
  }
}
