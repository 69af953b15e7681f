import type { ChannelHarness, HarnessPlatform, ShownCard, Tap } from '#server/channels/channel.contract.ts'
import type { RawCallback } from '#server/channels/channel.ts'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import {
  appId,
  changed,
  encryptKey,
  fixture,
  receivedAt,
  sealed,
  signed,
  unsigned,
  verificationToken,
} from './_callback.ts'
import { type FakePlatform, LOOKUP_PATH, type Reply, SEND_PATH, sent, startFakePlatform } from './_fake-platform.ts'
import { readCard } from './_read-card.ts'

const codeByKind: Readonly<Record<ChannelErrorKind, Reply>> = {
  retry: { status: 500, body: { code: 2200, msg: 'internal error' } },
  rate_limited: { status: 429, headers: { 'x-ogw-ratelimit-reset': '2' }, body: { code: 99991400, msg: 'slow down' } },
  auth: { status: 400, body: { code: 99991672, msg: 'no permission' } },
  gone: { status: 400, body: { code: 230110, msg: 'deleted' } },
  rejected: { status: 400, body: { code: 230025, msg: 'too long' } },
}

/** Lark and Feishu as the contract of all channels sees them. */
export function createLarkHarness(name: 'lark' | 'feishu'): ChannelHarness {
  const settings = (openUrl: string): Record<string, unknown> => ({
    appId,
    appSecret: 'app-secret',
    encryptKey,
    verificationToken,
    openUrl,
  })
  return {
    name,
    settings,
    settingsThatVerifyNothing: (openUrl) => {
      const { encryptKey: key, verificationToken: token, ...bare } = settings(openUrl)
      const blank = '   '
      return [
        bare,
        { ...bare, encryptKey: key },
        { ...bare, verificationToken: token },
        { ...bare, encryptKey: blank, verificationToken: token },
        { ...bare, encryptKey: key, verificationToken: blank },
      ]
    },
    startPlatform,
    tap: (tap) => sealed(payload(tap), { nonce: nextNonce() }),
    forgeries,
    handshake: { request: unsigned(fixture('url-verification')), answer: { challenge: 'ajls384kdjx98XX' } },
    people: [
      { address: { email: 'alice@example.com' }, platformUserId: 'ou_alice' },
      { address: { mobile: '+6591234567' }, platformUserId: 'ou_bob' },
      { address: { email: 'nobody@example.com' }, platformUserId: null },
    ],
  }
}

let nonces = 0
function nextNonce(): string {
  nonces += 1
  return `nonce-${nonces}`
}

function payload({ button, platformUserId, comment }: Tap): Record<string, unknown> {
  return changed('card-action', {
    'event.operator.open_id': platformUserId,
    'event.action.value': button,
    ...(comment === null ? {} : { 'event.action.form_value': { reason: comment } }),
  })
}

function forgeries(tap: Tap): [string, RawCallback][] {
  const content = payload(tap)
  const genuine = sealed(content)
  const without = (header: string): RawCallback => ({
    ...genuine,
    headers: Object.fromEntries(Object.entries(genuine.headers).filter(([name]) => name !== header)),
  })
  const headerOf = (token: unknown, app = appId): Record<string, unknown> => ({
    ...content,
    header: { ...(content.header as object), token, app_id: app },
  })
  return [
    ['unsigned', unsigned(content)],
    ['without signature', without('x-lark-signature')],
    ['without timestamp', without('x-lark-request-timestamp')],
    ['without nonce', without('x-lark-request-nonce')],
    ['signed under another key', sealed(content, { signWith: 'other' })],
    ['encrypted under another key', sealed(content, { key: 'other' })],
    ['in plain text', signed(JSON.stringify(content))],
    ['of yesterday', sealed(content, { timestamp: String(Math.floor(receivedAt / 1_000) - 86_400) })],
    ['of tomorrow', sealed(content, { timestamp: String(Math.floor(receivedAt / 1_000) + 86_400) })],
    ['with another token', sealed(headerOf('other'))],
    ['with an empty token', sealed(headerOf(''))],
    ['of another app', sealed(headerOf(verificationToken, 'cli_fedcba9876543210'))],
    ['with another body', { ...genuine, body: sealed({ ...content, x: 1 }).body }],
    ['cut off', { ...genuine, body: genuine.body.subarray(0, 100) }],
    ['with nothing in it', { ...genuine, body: Buffer.alloc(0) }],
  ]
}

async function startPlatform(): Promise<HarnessPlatform> {
  const fake = await startFakePlatform()
  const cards: ShownCard[] = []
  let failure: Reply | null = null
  const texts: HarnessPlatform['texts'] = []
  const take = (body: Record<string, unknown>): Reply => {
    if (failure !== null) return failure
    if (body.msg_type === 'text') {
      const { text } = JSON.parse(String(body.content)) as { text: string }
      // The markup that the page on message content lists for text messages.
      texts.push({ to: String(body.receive_id), text, marks: text.match(/<\/?[a-z]+|\]\(|\*\*/gi) ?? [] })
      return sent('message-1')
    }
    cards.push(show(String(body.content)))
    return sent('message-1')
  }
  fake.on(SEND_PATH, ({ body }) => take(body))
  fake.on(`${SEND_PATH}/message-1`, ({ body }) => take(body))
  fake.on(LOOKUP_PATH, () => ({
    body: {
      code: 0,
      data: {
        user_list: [
          { user_id: 'ou_bob', mobile: '+6591234567' },
          { user_id: 'ou_alice', email: 'alice@example.com' },
          { user_id: 'ou_alice', mobile: '+6590000001' },
        ],
      },
    },
  }))
  return {
    url: fake.openUrl,
    cards,
    texts,
    directory: keepDirectory(fake),
    fail: (as) => {
      failure = codeByKind[as]
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}

/** Alice and Bob in the root, Bob and Carol in one department, a person a page. */
function keepDirectory(fake: FakePlatform): HarnessPlatform['directory'] {
  const alice = {
    open_id: 'ou_alice',
    name: 'Alice',
    email: 'alice@example.com',
    employee_no: 'E1',
    mobile: '+6590000001',
  }
  const bob = { open_id: 'ou_bob', name: 'Bob', mobile: '+6591234567' }
  const carol = { open_id: 'ou_carol', name: 'Carol' }
  const members: Record<string, object[]> = { 0: [alice, bob], 'od-1': [bob, carol] }
  let isWithheld = false
  const withheld = { status: 400, body: { code: 99991672, msg: 'Access denied. One of the scopes is required: [x]' } }
  const answer = (data: object): Reply => (isWithheld ? withheld : { body: { code: 0, data } })
  for (const parent of ['0', 'od-1']) {
    const items = parent === '0' ? [{ open_department_id: 'od-1', name: 'Sales', member_count: 2 }] : []
    fake.on(`/open-apis/contact/v3/departments/${parent}/children`, () => answer({ has_more: false, items }))
  }
  fake.on('/open-apis/contact/v3/users/find_by_department', ({ path }) => {
    const query = new URL(path, 'http://platform').searchParams
    const all = members[query.get('department_id') ?? ''] ?? []
    const from = Number(query.get('page_token') ?? 0)
    const more = from + 1 < all.length ? { has_more: true, page_token: String(from + 1) } : { has_more: false }
    return answer({ ...more, items: all.slice(from, from + 1) })
  })
  return {
    people: ['ou_alice', 'ou_bob', 'ou_carol'],
    somebody: { platformUserId: 'ou_alice', name: 'Alice', mobile: '+6590000001', employeeId: 'E1' },
    department: { id: 'od-1', name: 'Sales', people: ['ou_bob', 'ou_carol'] },
    withhold: () => {
      isWithheld = true
      return 'contact:department.organize:readonly'
    },
  }
}

function show(content: string): ShownCard {
  const { texts, code, marks, links, buttons } = readCard(JSON.parse(content))
  return {
    bytes: Buffer.byteLength(content),
    maxBytes: 30 * 1_000,
    text: [...texts, ...code].join('\n'),
    marks,
    links,
    buttons: buttons.map(({ value }) => value),
  }
}
