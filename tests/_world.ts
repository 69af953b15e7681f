import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BodyOf, ProvisioningFile, TicketView } from '@countersign/contracts'
import { type ChatMessage, type Platform, type Sandbox, type SandboxSeed, startSandbox } from '@countersign/sandbox'
import { type RunningServer, startServer } from '@countersign/server'
import { cardTemplate } from '../scripts/demo/card-template.ts'
import { writeProvisioning } from './_provisioning-file.ts'

/*
 * The whole of it in one process: the sandbox's platforms, and a real server beside them that knows them only by the
 * addresses in its provisioning file.
 */

export const apps = {
  lark: {
    appId: 'cli_00000000000000a1',
    appSecret: 'lark-app-secret-for-tests',
    encryptKey: 'lark-encrypt-key-for-tests',
    verificationToken: 'lark-verification-token-for-tests',
  },
  feishu: {
    appId: 'cli_00000000000000f1',
    appSecret: 'feishu-app-secret-for-tests',
    encryptKey: 'feishu-encrypt-key-for-tests',
    verificationToken: 'feishu-verification-token-for-tests',
  },
} as const
export const dingtalkApps = {
  dingtalk: {
    corpId: 'dingteststandard0001',
    appKey: 'dingstandardkey00001',
    appSecret: 'dingtalk-standard-secret-for-tests',
    robotCode: 'dingstandardkey00001',
  },
  dingtalkExclusive: {
    corpId: 'dingtestexclusive001',
    appKey: 'dingexclusivekey0001',
    appSecret: 'dingtalk-exclusive-secret-for-tests',
    robotCode: 'dingexclusivekey0001',
  },
} as const
type Edition = keyof typeof dingtalkApps
export const apiKey = 'csk_tests_0123456789abcdef'
export const readOnlyKey = 'csk_reads_0123456789abcdef'
export const webhookSecret = `whsec_${Buffer.from('a webhook secret for the tests!!').toString('base64')}`

type User = ProvisioningFile['tenants'][number]['users'][number]
type UserInput = Pick<User, 'uid' | 'name'> & Partial<User>

/** Alice, Carol and Dan decide in Lark; Chen in Feishu, in Chinese; Bob submits; Mallory is bound and decides nothing. */
export const people: readonly (UserInput & { platform: Platform })[] = [
  { uid: 'alice', name: 'Alice Tan', platform: 'lark', locale: 'en', roles: ['admin'] },
  { uid: 'bob', name: 'Bob Miller', platform: 'lark', locale: 'en' },
  { uid: 'carol', name: 'Carol Ng', platform: 'lark', locale: 'en' },
  { uid: 'dan', name: 'Dan Lim', platform: 'lark', locale: 'en' },
  { uid: 'mallory', name: 'Mallory Roe', platform: 'lark', locale: 'en' },
  { uid: 'chen', name: '陈伟', platform: 'feishu', locale: 'zh-CN', roles: ['dba'] },
  { uid: 'li', name: '李娜', platform: 'feishu', locale: 'zh-CN' },
]
/** Wang and Grace are on DingTalk's Standard Edition, Sun and Maya on the Exclusive one. In worlds that have DingTalk. */
export const dingtalkPeople: readonly (UserInput & { edition: Edition; mobile?: string })[] = [
  { uid: 'wang', name: '王海燕', edition: 'dingtalk', locale: 'zh-CN', mobile: '13700137000' },
  { uid: 'grace', name: 'Grace Lim', edition: 'dingtalk', locale: 'en', mobile: '+65-91234567' },
  { uid: 'sun', name: '孙立', edition: 'dingtalkExclusive', locale: 'zh-CN', employeeId: 'E-2001' },
  { uid: 'maya', name: 'Maya Putri', edition: 'dingtalkExclusive', locale: 'en', employeeId: 'E-2002' },
]
const emailOf = (uid: string): string => `${uid}@acme.test`

export function sandboxSeed(): SandboxSeed {
  const app = (platform: Platform) => ({
    platform,
    name: 'Countersign',
    ...apps[platform],
    callbackUrl: '',
    redirectUrls: [],
  })
  return {
    apps: [app('lark'), app('feishu')],
    people: [
      ...people.map(({ uid, name, platform, locale }) => ({
        id: uid,
        name,
        platform,
        email: emailOf(uid),
        locale: locale === 'zh-CN' ? 'zh_cn' : 'en_us',
      })),
      { id: 'stranger', name: 'Sam Stranger', platform: 'lark', email: 'sam@elsewhere.test', locale: 'en_us' },
    ],
  }
}

/** What the server is provisioned with; a test may change it before the server reads it. */
export function provisioning(sandbox: Sandbox): ProvisioningFile {
  const channel = (platform: Platform) => ({
    enabled: true,
    ...apps[platform],
    connection: 'http' as const,
    openUrl: sandbox.baseUrl(platform),
    accountsUrl: sandbox.baseUrl(platform),
    jsSdkUrl: sandbox.jsSdkUrl(platform),
  })
  const users = people.map(({ platform, ...user }) => ({
    roles: ['user' as const],
    disabled: false,
    ...user,
    email: emailOf(user.uid),
    channels: { [platform]: { email: emailOf(user.uid) } },
  }))
  return {
    tenants: [
      {
        id: 'acme',
        name: 'Acme',
        locale: 'en',
        timeZone: 'Asia/Singapore',
        allowSelfApproval: false,
        coverageReport: false,
        channels: {
          lark: channel('lark'),
          feishu: channel('feishu'),
          webhook: { enabled: true, allowPrivateNetworks: true, signatureRecipe: 'url-newline-event' },
        },
        users,
        apiKeys: [
          { name: 'tests', key: apiKey, scopes: ['tickets:read', 'tickets:write'], webhookSecret },
          { name: 'reads', key: readOnlyKey, scopes: ['tickets:read'] },
        ],
        approvalTemplates: [
          {
            id: 'export-default',
            module: 'data_export',
            nodes: [{ name: 'Owner', approvers: ['alice'], rule: 'any' }],
          },
        ],
        notificationRules: [],
      },
    ],
  }
}

export function seedDingtalk(seed: SandboxSeed): SandboxSeed {
  const peopleOf = dingtalkPeople.map(({ uid, name, edition, locale, mobile, employeeId }) => ({
    id: uid,
    name,
    platform: 'dingtalk' as const,
    tenantKey: dingtalkApps[edition].corpId,
    locale: locale === 'zh-CN' ? ('zh_cn' as const) : ('en_us' as const),
    ...(mobile === undefined ? {} : { mobile }),
    ...(employeeId === undefined ? {} : { employeeId, account: 'sso' as const }),
  }))
  const app = (edition: Edition, agentId: string) => {
    const { robotCode: _robot, ...known } = dingtalkApps[edition]
    const kind = edition === 'dingtalk' ? ('standard' as const) : ('exclusive' as const)
    return { ...known, edition: kind, agentId, name: 'Countersign', redirectUrls: [] }
  }
  const stranger = (id: string, name: string, edition: Edition, locale: 'zh_cn' | 'en_us') => {
    const { corpId } = dingtalkApps[edition]
    return { id, name, platform: 'dingtalk' as const, tenantKey: corpId, locale, mobile: '13900139000' }
  }
  return {
    ...seed,
    people: [
      ...seed.people,
      ...peopleOf,
      stranger('qian', '钱程', 'dingtalk', 'zh_cn'),
      { ...stranger('nina', 'Nina Koh', 'dingtalkExclusive', 'en_us'), account: 'sso' as const },
    ],
    dingtalkApps: [app('dingtalk', '3300001'), app('dingtalkExclusive', '3300002')],
  }
}

/** As an administrator sets it up: the template that the server writes is imported into the card platform. */
export async function provisionDingtalk(
  sandbox: Sandbox,
  file: ProvisioningFile,
  connection: 'http' | 'stream',
): Promise<void> {
  const tenant = file.tenants[0]
  if (tenant === undefined) throw new Error('there is no tenant')
  const template = await cardTemplate(tmpdir())
  const { apiUrl, oapiUrl, loginUrl } = sandbox.dingtalk
  const channel = (edition: Edition) => ({
    enabled: true,
    ...dingtalkApps[edition],
    ...{ connection, apiUrl, oapiUrl, loginUrl, callbackSignature: 'timestamp' as const },
    callbackToleranceSeconds: 3_600,
    cardTemplateId: sandbox.dingtalk.importTemplate(dingtalkApps[edition].appKey, template),
  })
  tenant.channels.dingtalk = { ...channel('dingtalk'), appId: 'app-1', agentId: '3300001' }
  tenant.channels.dingtalkExclusive = channel('dingtalkExclusive')
  tenant.users.push(
    ...dingtalkPeople.map(({ edition, mobile, ...user }) => ({
      roles: ['user' as const],
      disabled: false,
      ...user,
      channels: {
        [edition]:
          mobile === undefined
            ? { employeeId: user.employeeId }
            : { mobile: mobile.replace(/^(?=1)/, '+86').replace('-', '') },
      },
    })),
  )
}

export interface World extends AsyncDisposable {
  sandbox: Sandbox
  server: RunningServer
  /** Of the host: what PUBLIC_URL is. */
  url: string
  dataDir: string
  api: Api
  /** Lets the worker finish what is due now. */
  drain(): Promise<void>
  /** The card of a ticket in somebody's chat, as it looks now. */
  card(uid: string, ticket: Pick<TicketView, 'id'>): ChatMessage
}

export interface WorldOptions {
  /** Of the server; SQLite in a folder of its own unless given. */
  databaseUrl?: string
  /** Adds DingTalk, both editions, and how it reaches the server. */
  dingtalk?: 'http' | 'stream'
  /** Adds to what the sandbox begins with. */
  seed?: (seed: SandboxSeed) => SandboxSeed
  change?: (file: ProvisioningFile, sandbox: Sandbox) => void
  /** Who else is on the platforms. */
  strangers?: SandboxSeed['people']
  now?: () => number
}

/** Starts sandbox and server on free ports, with the people and apps above. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const known = options.dingtalk === undefined ? sandboxSeed() : seedDingtalk(sandboxSeed())
  const plain = { ...known, people: [...known.people, ...(options.strangers ?? [])] }
  const seed = options.seed?.(plain) ?? plain
  const sandbox = await startSandbox({ port: 0, host: 'localhost', seed })
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  const file = provisioning(sandbox)
  if (options.dingtalk !== undefined) await provisionDingtalk(sandbox, file, options.dingtalk)
  options.change?.(file, sandbox)
  const variables = {
    PORT: '0',
    DATA_DIR: dataDir,
    PROVISIONING_FILE: writeProvisioning(dataDir, file),
    LOG_LEVEL: 'error',
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
  }
  const overrides = options.now === undefined ? {} : { now: options.now }
  const server = await startServer({ folder: dataDir, variables }, overrides)
  connect(sandbox, server.url)
  if (options.dingtalk !== undefined) connectDingtalk(sandbox, server.url, options.dingtalk)
  const api = createApi(server.url)
  return {
    sandbox,
    server,
    url: server.url,
    dataDir,
    api,
    drain: () => server.drain(),
    card: (uid, ticket) => findCard(sandbox, uid, ticket),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await sandbox.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Tells the platforms where the server lives: done by an administrator in the platform's console. */
export function connect(sandbox: Sandbox, serverUrl: string): void {
  for (const platform of ['lark', 'feishu'] as const) {
    sandbox.configureApp(apps[platform].appId, {
      callbackUrl: `${serverUrl}/callbacks/${platform}/${apps[platform].appId}`,
      redirectUrls: [`${serverUrl}/console/mobile/index/`],
      h5TrustedDomains: [serverUrl],
      homeUrl: serverUrl,
    })
  }
}

/** DingTalk is told by the server itself where taps go; the robot's address and the pages, by an administrator. */
export function connectDingtalk(sandbox: Sandbox, serverUrl: string, connection: 'http' | 'stream'): void {
  for (const { appKey, corpId } of Object.values(dingtalkApps)) {
    sandbox.dingtalk.configureApp(appKey, {
      robotMode: connection,
      robotUrl: `${serverUrl}/callbacks/dingtalk/${appKey}/robot`,
      redirectUrls: [`${serverUrl}/console/mobile/index/`],
      homeUrl: `${serverUrl}/?corpId=${corpId}`,
    })
  }
}

/** The newest card of the ticket in the person's chat; throws when there is none. */
export function findCard(sandbox: Sandbox, uid: string, ticket: Pick<TicketView, 'id'>): ChatMessage {
  const card = sandbox.chat(uid).findLast((message) => JSON.stringify(message.card ?? '').includes(ticket.id))
  if (card === undefined) throw new Error(`${uid} has no card of ticket ${ticket.id}`)
  return card
}

export interface Api {
  submit(ticket?: Partial<BodyOf<'submitTicket'>>): Promise<TicketView>
  get(id: string): Promise<TicketView>
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>
}
export interface ApiAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into by assertions.
  body: any
  headers: Headers
}

export function createApi(url: string, key = apiKey): Api {
  const call: Api['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  return {
    call,
    async submit(ticket = {}) {
      const standard = { module: 'perm_apply', title: 'Read access', submitter: 'bob', risk: 'low' as const }
      const nodes = ticket.template === undefined ? { nodes: [{ name: 'Owner', approvers: ['alice'] }] } : {}
      const { status, body } = await call('POST', '/api/v1/tickets', { ...standard, ...nodes, ...ticket })
      if (status !== 201 && status !== 200) throw new Error(`submit: ${status} ${JSON.stringify(body)}`)
      return body
    },
    get: async (id) => (await call('GET', `/api/v1/tickets/${id}`)).body,
  }
}
