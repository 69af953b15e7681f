import type { ChannelHarness, HarnessPlatform, ShownCard, Tap } from '#server/channels/channel.contract.ts'
import type { RawCallback } from '#server/channels/channel.ts'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import { cardBody, corpId, paramsOf, receivedAt, settingsFor, signedCard } from './_callback.ts'
import { drawCard } from './_draw-card.ts'
import {
  BY_MOBILE,
  CREATE,
  done,
  type FakeCard,
  oldRefusal,
  type Reply,
  ROBOT,
  refusal,
  startFakePlatform,
  UPDATE,
  USER,
} from './_fake-platform.ts'

const failures: Readonly<Record<ChannelErrorKind, Reply>> = {
  retry: refusal('system.busy', 500),
  rate_limited: refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403),
  auth: refusal('Forbidden.AccessDenied.AccessTokenPermissionDenied', 403),
  gone: refusal('param.cardNotExist'),
  rejected: refusal('param.contentUnsafe'),
}

/** Both editions as the contract of all channels sees them. */
export function createDingtalkHarness(name: 'dingtalk' | 'dingtalkExclusive'): ChannelHarness {
  const isStandard = name === 'dingtalk'
  const settings = (url: string): Record<string, unknown> => ({
    ...settingsFor(url),
    ...(isStandard ? { appId: 'app-1', agentId: 12345 } : {}),
  })
  return {
    name,
    settings,
    settingsThatVerifyNothing: (url) => {
      const { callbackSecret: _secret, ...bare } = settings(url)
      return [bare, { ...bare, callbackSecret: ' '.repeat(16) }]
    },
    startPlatform,
    tap: (tap) => signedCard(payload(tap)),
    forgeries,
    handshake: null,
    people: isStandard
      ? [
          { address: { mobile: '+8613800138000' }, platformUserId: 'alice' },
          { address: { userId: 'bob' }, platformUserId: 'bob' },
          { address: { mobile: '+8613900139000' }, platformUserId: null },
        ]
      : [
          { address: { employeeId: 'E1' }, platformUserId: 'alice' },
          { address: { userId: 'bob' }, platformUserId: 'bob' },
          { address: { employeeId: 'E404' }, platformUserId: null },
        ],
  }
}

function payload({ button, platformUserId, comment }: Tap): Record<string, unknown> {
  const form = comment === null ? {} : { form: { reason: comment } }
  return cardBody(platformUserId, { ...paramsOf(button, platformUserId), ...form })
}

function forgeries(tap: Tap): [string, RawCallback][] {
  const body = payload(tap)
  const genuine = signedCard(body)
  const without = (header: string): RawCallback => ({
    ...genuine,
    headers: Object.fromEntries(Object.entries(genuine.headers).filter(([name]) => name !== header)),
  })
  const at = (offsetMs: number): string => String(receivedAt + offsetMs)
  const hourMs = 3_600_000
  return [
    ['unsigned', { ...genuine, headers: {} }],
    ['without signature', without('x-ddpaas-signature')],
    ['without timestamp', without('x-ddpaas-signature-timestamp')],
    ['signed under another secret', signedCard(body, { secret: 'another-callback-secret' })],
    ['signed for another time', { ...genuine, headers: { ...genuine.headers, 'x-ddpaas-signature-timestamp': at(1) } }],
    ['two hours old', signedCard(body, { timestamp: at(-2 * hourMs) })],
    ['two hours ahead', signedCard(body, { timestamp: at(2 * hourMs) })],
    ['without a time', signedCard(body, { timestamp: 'now' })],
    ['with two signatures', { ...genuine, headers: { ...genuine.headers, 'x-ddpaas-signature': ['a', 'b'] } }],
    ['cut off', { ...genuine, body: genuine.body.subarray(0, 100) }],
    ['with nothing in it', { ...genuine, body: Buffer.alloc(0) }],
  ]
}

async function startPlatform(): Promise<HarnessPlatform> {
  const fake = await startFakePlatform()
  const cards: ShownCard[] = []
  let failure: Reply | null = null
  const keep = { create: fake.handler(CREATE), update: fake.handler(UPDATE) }
  for (const [path, handler] of [
    [CREATE, keep.create],
    [UPDATE, keep.update],
  ] as const) {
    fake.on(path, async (call, response) => {
      if (failure !== null) return failure
      const reply = await handler(call, response)
      const card = fake.cards.get(String(call.body.outTrackId))
      if (card !== undefined) cards.push(show(card))
      return reply ?? refusal('system.busy', 500)
    })
  }
  const texts: HarnessPlatform['texts'] = []
  const sayAsBefore = fake.handler(ROBOT)
  fake.on(ROBOT, async (call, response) => {
    if (failure !== null) return failure
    const { msgKey, msgParam, userIds } = call.body
    if (msgKey === 'sampleText' && Array.isArray(userIds)) {
      const { content } = JSON.parse(String(msgParam)) as { content: string }
      // The platform draws a text message as it is written.
      texts.push(...userIds.map((to) => ({ to: String(to), text: content, marks: [] })))
    }
    return (await sayAsBefore(call, response)) ?? refusal('system.busy', 500)
  })
  keepPeople(fake)
  return {
    url: fake.url,
    cards,
    texts,
    directory: keepDirectory(fake),
    fail: (as) => {
      failure = failures[as]
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}

function keepPeople(fake: Awaited<ReturnType<typeof startFakePlatform>>): void {
  fake.on(BY_MOBILE, ({ body }) => (body.mobile === '13800138000' ? done({ userid: 'alice' }) : oldRefusal(60121)))
  fake.on(USER, ({ body }) =>
    body.userid === 'bob' || body.userid === 'alice' ? done({ userid: body.userid }) : oldRefusal(33012),
  )
  fake.on('/topapi/v2/department/listsubid', ({ body }) => done({ dept_id_list: body.dept_id === 1 ? [2] : [] }))
}

/** Alice and Bob in department 2, Bob alone in the root. */
function keepDirectory(fake: Awaited<ReturnType<typeof startFakePlatform>>): HarnessPlatform['directory'] {
  const alice = { userid: 'alice', name: 'Alice', job_number: 'E1', state_code: '65', mobile: '90000001' }
  const bob = { userid: 'bob', name: 'Bob', mobile: '13800138000' }
  const members = new Map<unknown, object[]>([
    [1, [bob]],
    [2, [alice, bob]],
  ])
  let isWithheld = false
  const answer = (result: unknown): Reply => (isWithheld ? oldRefusal(88, { sub_code: '60011' }) : done(result))
  fake.on('/auth/scopes', () => ({ body: { errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } } }))
  fake.on('/topapi/v2/department/listsub', ({ body }) =>
    answer(body.dept_id === 1 ? [{ dept_id: 2, name: 'Sales', parent_id: 1 }] : []),
  )
  fake.on('/topapi/v2/user/list', ({ body }) => {
    const all = members.get(body.dept_id) ?? []
    const from = Number(body.cursor)
    const more = from + 1 < all.length ? { has_more: true, next_cursor: from + 1 } : { has_more: false }
    return answer({ ...more, list: all.slice(from, from + 1) })
  })
  return {
    people: ['alice', 'bob'],
    somebody: { platformUserId: 'alice', name: 'Alice', mobile: '+6590000001', employeeId: 'E1' },
    department: { id: '2', name: 'Sales', people: ['alice', 'bob'] },
    withhold: () => {
      isWithheld = true
      return 'qyapi_get_department_list'
    },
  }
}

/** As the one receiver of the contract's cards sees it. */
function show(card: FakeCard): ShownCard {
  const own = card.own.get('person-1') ?? {}
  const { texts, interpreted, links, buttons } = drawCard(card.everybodys, own)
  const values = { ...card.everybodys, ...own }
  return {
    bytes: Math.max(...Object.values(values).map((value) => Buffer.byteLength(value))),
    maxBytes: 1_024,
    text: texts.join('\n'),
    marks: interpreted,
    links: [...new Set(links.map(pageOf))],
    buttons: buttons.map(({ params }) => {
      const { proof = '', node, ...rest } = params
      const [approve, reject] = proof.split('.')
      return { ...rest, node: Number(node), proof: params.action === 'approve' ? approve : reject }
    }),
  }
}

/** The page that a link leads to, phone and computer alike, without the organisation that every link must carry. */
function pageOf(link: string): string {
  const url = new URL(link)
  const page = new URL(url.protocol === 'dingtalk:' ? (url.searchParams.get('url') ?? '') : link)
  if (page.searchParams.get('corpId') !== corpId) throw new Error('the link does not name the organisation')
  page.searchParams.delete('corpId')
  return page.href
}
