import type { SandboxSeed } from './seed.ts'

const people: SandboxSeed['people'] = [
  {
    id: 'alice',
    name: 'Alice Tan',
    platform: 'lark',
    email: 'alice@acme.example',
    locale: 'en_us',
    avatarColor: '#3370ff',
  },
  {
    id: 'bob',
    name: 'Bob Rahman',
    platform: 'lark',
    email: 'bob@acme.example',
    locale: 'en_us',
    avatarColor: '#7f3bf5',
  },
  {
    id: 'yuki',
    name: '佐藤 由紀',
    platform: 'lark',
    email: 'yuki@acme.example',
    locale: 'ja_jp',
    avatarColor: '#d83931',
  },
  {
    id: 'layla',
    name: 'ليلى حسن',
    platform: 'lark',
    email: 'layla@acme.example',
    locale: 'ar',
    avatarColor: '#de7802',
  },
  {
    id: 'chen',
    name: '陈思远',
    platform: 'feishu',
    mobile: '13800138000',
    locale: 'zh_cn',
    avatarColor: '#2ea121',
  },
  { id: 'lin', name: '林晓雯', platform: 'feishu', mobile: '13900139000', locale: 'zh_cn', avatarColor: '#04b49c' },
]

/** One app and a handful of people per platform, with callbacks to a server at `callbackBase`. */
export function createDefaultSeed(callbackBase: string): SandboxSeed {
  const home = `${callbackBase}/console/mobile/index/`
  return {
    apps: [
      {
        platform: 'lark',
        appId: 'cli_a1b2c3d4e5f60718',
        appSecret: 'sandbox-lark-app-secret',
        encryptKey: 'sandbox-lark-encrypt-key',
        verificationToken: 'sandbox-lark-verification-token',
        callbackUrl: `${callbackBase}/callbacks/lark/cli_a1b2c3d4e5f60718`,
        redirectUrls: [home],
        h5TrustedDomains: [new URL(callbackBase).origin],
        name: 'Countersign',
        homeUrl: callbackBase,
      },
      {
        platform: 'feishu',
        appId: 'cli_0f1e2d3c4b5a6978',
        appSecret: 'sandbox-feishu-app-secret',
        encryptKey: 'sandbox-feishu-encrypt-key',
        verificationToken: 'sandbox-feishu-verification-token',
        callbackUrl: `${callbackBase}/callbacks/feishu/cli_0f1e2d3c4b5a6978`,
        redirectUrls: [home],
        h5TrustedDomains: [new URL(callbackBase).origin],
        name: 'Countersign 会签',
        homeUrl: callbackBase,
      },
    ],
    people,
  }
}
