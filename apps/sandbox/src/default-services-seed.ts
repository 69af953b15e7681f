import type { SandboxSeed } from './seed.ts'

type Services = Required<
  Pick<SandboxSeed, 'groups' | 'dingtalkGroupRobots' | 'wecomRobots' | 'sms' | 'mail' | 'webhooks'>
>

/** Who is in the two groups: members of one DingTalk organisation, and anybody with WeCom on the phone. */
export interface GroupMembers {
  dingtalk: string[]
  wecom: string[]
}

/**
 * Groups, robots, SMS, mail and a webhook receiver with keys that never change, so that a provisioning file can name them.
 * They are worth nothing outside the sandbox.
 */
export function defaultServicesSeed(members: GroupMembers): Services {
  return {
    groups: [
      { id: 'db-changes', platform: 'dingtalk', title: '数据库变更群', members: members.dingtalk },
      { id: 'dba-duty', platform: 'wecom', title: 'DBA 值班群', members: members.wecom },
    ],
    dingtalkGroupRobots: [
      {
        id: 'db-changes-robot',
        group: 'db-changes',
        name: 'DMS 通知',
        accessToken: '5a11dbc0de00000000000000000000000000000000000000000000000000d0d0',
        keywords: ['DMS'],
      },
      {
        id: 'db-changes-signed',
        group: 'db-changes',
        name: 'DMS 通知（加签）',
        accessToken: '5a11dbc0de00000000000000000000000000000000000000000000000000d1d1',
        secret: 'SECsandbox0000000000000000000000000000000000000000000000000000d1d1',
      },
    ],
    wecomRobots: [
      { id: 'dba-duty-robot', group: 'dba-duty', name: 'DMS 消息推送', key: '5a11dbc0-de00-4000-8000-00000000c0c0' },
    ],
    sms: {
      accounts: [{ accessKeyId: 'LTAI5tSandboxSandboxSand', accessKeySecret: 'sandbox-sms-access-key-secret' }],
      signNames: [{ name: '会签' }],
      templates: [
        { code: 'SMS_900000001', kind: 'code', text: `您的验证码是${slot('code')}，10分钟内有效，请勿告诉他人。` },
        {
          code: 'SMS_900000002',
          kind: 'notice',
          text: `${slot('name')}，工单${slot('number')}（${slot('title')}）${slot('status')}，请登录会签处理。`,
        },
      ],
    },
    mail: { users: [{ user: 'countersign', password: 'sandbox-smtp-password' }], mailboxes: ['dba-team@acme.example'] },
    webhooks: [
      {
        id: 'ticket-hook',
        name: 'Ticket hook',
        signatureMethod: 'HMAC_SHA1',
        signatureKey: 'sandbox-dms-signature-key',
        secret: 'whsec_c2FuZGJveC1zdGFuZGFyZC13ZWJob29rcy1zZWNyZXQ=',
      },
    ],
  }
}

/** The place of a variable in a template of the SMS service. */
function slot(name: string): string {
  return `\${${name}}`
}
