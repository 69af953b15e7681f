import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '#server/config/config.ts'
import { canaries, fullFile } from './_files.ts'
import { parseProvisioningFile, readProvisioningFile } from './read.ts'

function problemsOf(text: string): string[] {
  try {
    parseProvisioningFile(text)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems]
    throw error
  }
}

/** The full file with one piece of its text replaced. */
function fileWith(from: string | RegExp, to: string): string {
  const text = fullFile.replace(from, to)
  if (text === fullFile) throw new Error(`${String(from)} is not in the file`)
  return text
}

describe('a provisioning file', () => {
  it('may be YAML or JSON, also with tabs', () => {
    const file = parseProvisioningFile(fullFile)
    expect(file.tenants.map((tenant) => tenant.id)).toEqual(['acme', 'beta'])
    expect(parseProvisioningFile(JSON.stringify(file, null, '\t'))).toEqual(file)
  })

  it.each<[string, RegExp | string, string, string]>([
    [
      'an unknown field',
      'dingtalkRobot: {',
      'dingtalkRobot: { colour: red,',
      'tenants.0.channels.dingtalkRobot.colour is not a known field',
    ],
    [
      'a missing secret',
      'appSecret: canary-lark-secret, encryptKey',
      'encryptKey',
      'tenants.0.channels.lark.appSecret is required',
    ],
    ['a number for text', 'appId: cli_1', 'appId: 17', 'tenants.0.channels.lark.appId must be text (put it in quotes)'],
    [
      'a bad role',
      '[admin, user]',
      '[root]',
      'tenants.0.users.0.roles.0 must be one of user, dba, admin, security_admin',
    ],
    [
      'a bad locale',
      'locale: zh-CN',
      'locale: zh',
      'tenants.0.users.2.locale must be one of zh-CN, en, ja, ms, id, ar',
    ],
    [
      'a bad mobile',
      '+6591234567',
      '91234567',
      'tenants.0.users.0.mobile must be in international form, such as +6591234567',
    ],
    [
      'a bad e-mail',
      'email: carol@acme.test',
      'email: carol',
      'tenants.0.users.2.email is not allowed: Invalid email address',
    ],
    [
      'a binding without an address',
      'lark: { email: alice@acme.test }',
      'lark: { }',
      'tenants.0.users.0.channels.lark.email is required',
    ],
    [
      'a bad time zone of a person',
      'timeZone: Asia/Shanghai',
      'timeZone: Asia/Atlantis',
      'tenants.0.users.2.timeZone must be an IANA time zone, such as Asia/Singapore',
    ],
    [
      'a bad time zone of a tenant',
      'timeZone: Asia/Singapore',
      'timeZone: Mars',
      'tenants.0.timeZone must be an IANA time zone, such as Asia/Singapore',
    ],
    ['a bad id', 'id: beta', 'id: Beta', 'tenants.1.id must be 1 to 40 of a-z, 0-9 and -'],
    ['the same tenant twice', 'id: beta', 'id: acme', 'tenants.1.id is used by another tenant'],
    [
      'the same person twice',
      'uid: carol',
      'uid: carol, name: C }\n      - { uid: carol',
      'tenants.0.users.3.uid is used by another user',
    ],
    [
      'an unknown approver',
      'approvers: [alice] ',
      'approvers: [dora] ',
      'tenants.0.approvalTemplates.0.nodes.0.approvers.0 must be a user of the tenant',
    ],
    [
      'an approver named twice',
      'approvers: [alice] ',
      'approvers: [alice, alice] ',
      'tenants.0.approvalTemplates.0.nodes.0.approvers.1 is named twice in this node',
    ],
    [
      'a quorum nobody can reach',
      'quorum: 2',
      'quorum: 3',
      'tenants.0.approvalTemplates.1.nodes.0.rule.quorum must not be more than there are approvers',
    ],
    [
      'the same template twice',
      'id: second',
      'id: first',
      'tenants.0.approvalTemplates.1.id is used by another template',
    ],
    [
      'an unknown additional user',
      'additionalUsers: [carol]',
      'additionalUsers: [carol, dora]',
      'tenants.0.notificationRules.0.additionalUsers.1 must be a user of the tenant',
    ],
    [
      'a channel the tenant does not have',
      'channels: [lark, email]',
      'channels: [lark, sms]',
      'tenants.0.notificationRules.0.channels.1 must be a channel of the tenant',
    ],
    [
      'an unknown event',
      'event: pending',
      'event: opened',
      'tenants.0.notificationRules.0.event must be one of pending, approved, rejected, withdrawn, expired, changed, reminded',
    ],
    [
      'a rule twice',
      /notificationRules: \[(\{.*\})\]/,
      'notificationRules: [$1, $1]',
      'tenants.0.notificationRules.1 has the module and event of another rule',
    ],
    [
      'an address of two people',
      '"+6591234568"',
      '"+6591234568", email: alice@acme.test',
      'tenants.0.users.1.channels.lark.email is also that of tenants.0.users.0',
    ],
    [
      'mail to nobody',
      'email: alice@acme.test, mobile',
      'mobile',
      'tenants.0.users.0.channels.email needs the email of the user',
    ],
    [
      'an app of two tenants',
      /name: Beta/,
      'name: Beta\n    channels: { lark: { appId: cli_1, appSecret: x } }',
      'tenants.1.channels.lark.appId is the app of another channel',
    ],
    [
      'a key of two tenants',
      /name: Beta/,
      'name: Beta\n    apiKeys: [{ name: x, key: csk_canary_key, scopes: [tickets:read] }]',
      'tenants.1.apiKeys.0.key is used by another API key',
    ],
    [
      'an unknown scope',
      'tickets:write',
      'tickets:delete',
      'tenants.0.apiKeys.0.scopes.0 must be one of tickets:read, tickets:write',
    ],
    [
      'a bad address',
      '"https://dms.test"',
      '"dms"',
      'tenants.0.dms.endpoint must be an absolute http or https address without credentials',
    ],
  ])('with %s is refused in one line that names the place', (_case, from, to, problem) => {
    expect(problemsOf(fileWith(from, to))).toEqual([`PROVISIONING_FILE: ${problem}`])
  })

  it('reports every problem at once', () => {
    const text = fileWith('uid: bob', 'uid: alice').replace('approvers: [alice] ', 'approvers: [dora] ')
    expect(problemsOf(text).length).toBeGreaterThan(1)
  })

  it.each([
    ['', 'PROVISIONING_FILE: must be a mapping'],
    ['tenants: []', 'PROVISIONING_FILE: tenants is not allowed: Too small: expected array to have >=1 items'],
    [
      'tenants: [{ id: a, id: canary-b }]',
      'PROVISIONING_FILE: line 1, column 20 is not valid YAML or JSON (duplicate key)',
    ],
    ['{"tenants": [{"id": "canary-a"', expect.stringContaining('is not valid YAML or JSON')],
    ['a: &a [x]\nb: *c', expect.stringContaining('that leads nowhere')],
    ['tenants: [{ id: a, name: b, canary }]', 'PROVISIONING_FILE: tenants.0 has a field that is not known'],
    [
      'tenants:\n  - id: a\n    name: 12345678901234567890',
      'PROVISIONING_FILE: line 3, column 11 is a number too long to be kept exactly: put it in quotes',
    ],
  ])('%j is refused, and says where', (text, problem) => {
    expect(problemsOf(text)).toContainEqual(problem)
  })

  it('that unfolds into millions of values is refused', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `a${level}: &a${level} [${Array(9)
          .fill(level === 0 ? 'x' : `*a${level - 1}`)
          .join(', ')}]`,
    )
    expect(problemsOf(levels.join('\n'))).toEqual([
      'PROVISIONING_FILE: has a YAML alias (*name) that leads nowhere, or too many of them',
    ])
  })

  it('that is not there is refused by name', () => {
    expect(() => readProvisioningFile('/nowhere/provisioning.yaml')).toThrow(
      'PROVISIONING_FILE cannot be read (ENOENT)',
    )
  })

  it('broken anywhere by accident says so without showing a secret, and never throws anything else', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: fullFile.length - 1 }),
        fc.constantFrom('', '"', "'", ':', '{', ']', '\n', '\t', '- ', '&', '*', '%', '\u0000', 'x', '9', '|'),
        fc.nat({ max: 3 }),
        (place, text, length) => {
          const problems = problemsOf(fullFile.slice(0, place) + text + fullFile.slice(place + length))
          for (const problem of problems) {
            expect(problem).toMatch(/^PROVISIONING_FILE[: ][^\n]+$/)
            for (const canary of canaries) expect(problem).not.toContain(canary)
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})
