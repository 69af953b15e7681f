import { randomBytes } from 'node:crypto'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer, type Sealer } from '#server/crypto/seal.ts'
import type { TestDatabase } from '#server/db/_engines.ts'
import { applyProvisioning } from './apply.ts'
import type { TenantChanges } from './changes.ts'
import { parseProvisioningFile } from './read.ts'

/** Secrets of the file below: none may be seen in the database, in an export or in a message. */
export const canaries = [
  'canary-lark-secret',
  'canary-encrypt',
  'canary-token',
  'canary-dingtalk',
  'canary-smtp',
  'canary-robot',
  'canary-hook',
  'csk_canary_key',
  'whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0',
  'canary-dms',
  'canary-oidc',
]

/** A file with everything in it. */
export const fullFile = `
tenants:
  - id: acme
    name: Acme
    locale: en
    timeZone: Asia/Singapore
    channels:
      lark: { appId: cli_1, appSecret: canary-lark-secret, encryptKey: canary-encrypt, verificationToken: canary-token }
      feishu: { enabled: false, appId: cli_2, appSecret: canary-lark-secret }
      dingtalk: { corpId: ding1, appId: app, agentId: 12, appKey: dingkey, appSecret: canary-dingtalk, robotCode: r, cardTemplateId: c }
      dingtalkRobot: { enabled: true }
      email: { smtpUrl: "smtp://u:canary-smtp@mail.test", from: "Countersign <approve@acme.test>" }
      webhook: { allowPrivateNetworks: true }
    users:
      - { uid: alice, name: Alice, roles: [admin, user], email: alice@acme.test, mobile: "+6591234567",
          channels: { lark: { email: alice@acme.test }, email: true, sms: true, dingtalkRobot: { url: "https://oapi.test/robot?access_token=canary-robot" } } }
      - { uid: bob, name: Bob, channels: { lark: { mobile: "+6591234568" }, webhook: { url: "https://hook.test/canary-hook", signatureMethod: HMAC_SHA1, signatureKey: canary-hook } } }
      - { uid: carol, name: Carol, locale: zh-CN, timeZone: Asia/Shanghai, email: carol@acme.test }
    apiKeys: [{ name: ci, key: csk_canary_key, scopes: [tickets:write, tickets:read], webhookSecret: whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0 }]
    approvalTemplates:
      - { id: second, module: data_export, nodes: [{ name: Owner, approvers: [alice] }] }
      - { id: first, module: data_export, risk: high, nodes: [{ name: Two, approvers: [alice, bob], rule: { quorum: 2 } }] }
    notificationRules: [{ module: data_export, event: pending, channels: [lark, email], additionalUsers: [carol] }]
    emailLogin: false
    oidc: { issuer: "https://login.acme.test", clientId: countersign, clientSecret: canary-oidc, label: Acme account, claim: employeeId }
    dms: { endpoint: "https://dms.test", accessKeyId: id, accessKeySecret: canary-dms, tid: 1, webhookKey: canary-dms }
  - id: beta
    name: Beta
`

export const testSealer = (key: Buffer = randomBytes(32)): Sealer => createSealer(createKeyRing([key]))

let secrets = 0

/** Applies a file's text in one unit of work, as a start does. */
export function apply(
  database: Pick<TestDatabase, 'store'>,
  text: string,
  { sealer, now = 1_000 }: { sealer: Sealer; now?: number },
): Promise<TenantChanges[]> {
  const file = parseProvisioningFile(text)
  const newSecret = () => {
    secrets += 1
    return `generated-secret-${secrets}`
  }
  return database.store.run((tx) => applyProvisioning(tx, file, { sealer, now: () => now, newSecret }))
}

/** Every row that provisioning can touch, in a fixed order. */
export async function allRows({ db }: Pick<TestDatabase, 'db'>): Promise<Record<string, object[]>> {
  const rows = (table: 'tenants' | 'channels' | 'users' | 'user_channels' | 'api_keys' | 'approval_templates') =>
    db.selectFrom(table).selectAll().execute()
  const tables = {
    tenants: await rows('tenants'),
    channels: await rows('channels'),
    users: await rows('users'),
    user_channels: await rows('user_channels'),
    api_keys: await rows('api_keys'),
    approval_templates: await rows('approval_templates'),
    notification_rules: await db.selectFrom('notification_rules').selectAll().execute(),
    identities: await db.selectFrom('identities').selectAll().execute(),
    audit: await db.selectFrom('audit').selectAll().execute(),
  }
  return Object.fromEntries(
    Object.entries(tables).map(([name, all]) => [
      name,
      all.map((row) => ({ ...row })).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    ]),
  )
}
