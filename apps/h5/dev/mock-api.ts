import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  AppComment,
  Decide,
  type Endpoint,
  endpoints,
  Locale,
  type LoginOptions,
  RefusalReason,
  type RouteName,
  routes,
  type Session,
  TicketTab,
} from '@countersign/contracts'
import { type Called, findRoute } from './find-route.ts'
import { callMockSettings, createMockSettings, MockRefusal, type MockSettings } from './mock-settings.ts'
import { people, type Uid } from './mock-tickets.ts'
import { createWorld, decideInWorld, type World } from './mock-world.ts'

/** What a browser asks of this stand-in by its cookies: who is there, and what is to go wrong. */
interface Wishes {
  person: Uid | undefined
  locale: Locale
  /**
   * A problem code that the log-in gives, or a refusal that a decision meets; `broken` for a 500, `settings_broken` for one
   * of the notification settings alone.
   */
  problem: string
  isEmpty: boolean
}

const isAboutSettings = (name: RouteName): boolean => routes[name].path.includes('/notification-settings')

/** Milliseconds that answers take, as the performance notes have it. */
export interface MockDelays {
  listMs: number
  loginMs: number
}

function readWishes(request: IncomingMessage): Wishes {
  const cookies = new Map(
    (request.headers.cookie ?? '')
      .split('; ')
      .map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
  )
  const person = cookies.get('person') ?? ''
  const locale = Locale.safeParse(cookies.get('locale'))
  return {
    person: person in people ? (person as Uid) : undefined,
    locale: locale.success ? locale.data : 'zh-CN',
    problem: cookies.get('problem') ?? '',
    isEmpty: cookies.get('empty') === '1',
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : JSON.parse(text)
}

/** Beside the chat apps. */
const noOtherWays = { email: false, oidc: null }

const offered: LoginOptions['tenants'] = [
  {
    id: 'acme',
    name: 'Acme 云仓科技',
    channels: [
      { channel: 'feishu', appId: 'cli_feishu', jsSdkUrl: null, corpId: null },
      { channel: 'lark', appId: 'cli_lark', jsSdkUrl: null, corpId: null },
    ],
    ...noOtherWays,
  },
  {
    id: 'globex',
    name: 'Globex',
    channels: [{ channel: 'lark', appId: 'cli_globex', jsSdkUrl: null, corpId: null }],
    ...noOtherWays,
  },
]

/** Implements the contract's session endpoints in memory, one world per person; for development and measurements only. */
export function createMockApi(delays: MockDelays) {
  const worlds = new Map<string, World>()
  const worldOf = (person: Uid, isEmpty: boolean): World => {
    const key = `${person}${isEmpty}`
    const world = worlds.get(key) ?? createWorld(person, Date.now(), { copies: 5, isEmpty })
    worlds.set(key, world)
    return world
  }

  const settings = new Map<string, MockSettings>()
  const settingsOf = (person: Uid, wishes: Wishes): MockSettings => {
    const key = `${person}/${wishes.locale}`
    const known = settings.get(key) ?? createMockSettings({ ...people[person], locale: wishes.locale }, Date.now)
    settings.set(key, known)
    return known
  }

  const sessionOf = (person: Uid, wishes: Wishes): Session => {
    const { locale, timeZone, defaults } = settingsOf(person, wishes).read()
    return {
      user: {
        ...people[person],
        locale: locale ?? defaults.locale,
        timeZone: timeZone ?? defaults.timeZone,
        roles: ['user'],
      },
      tenant: { id: 'acme', name: 'Acme 云仓科技' },
      channel: 'feishu',
      secondFactor: 'none',
      pending: worldOf(person, wishes.isEmpty).list('pending', { limit: 20 }),
    }
  }
  const options = (wishes: Wishes, query: URLSearchParams): LoginOptions => ({
    tenants: offered.filter((tenant) => !query.has('t') || tenant.id === query.get('t')),
    channelNotEnabled: wishes.problem === 'channel_not_enabled',
    nonce: 'nonce-nonce-nonce-nonce',
  })

  /** Undefined for a route of anything else. Nobody here is an administrator: only their own. */
  async function answerSettings(
    person: Uid,
    { name, id, channel }: Called,
    request: IncomingMessage,
    wishes: Wishes,
  ): Promise<unknown> {
    if (!isAboutSettings(name)) return undefined
    if (wishes.problem === 'settings_broken') throw new MockRefusal(500, 'internal')
    if (id !== person) throw new MockRefusal(404, 'not_found')
    return callMockSettings(settingsOf(person, wishes), { name, channel }, await readBody(request))
  }

  async function answerAs(
    person: Uid,
    { name, id }: Called,
    request: IncomingMessage,
    url: URL,
    wishes: Wishes,
  ): Promise<unknown> {
    const world = worldOf(person, wishes.isEmpty)
    if (name === 'getSession') return sessionOf(person, wishes)
    if (name === 'endSession') return undefined
    if (name === 'listMyTickets') {
      const query = endpoints.listMyTickets.query.parse(Object.fromEntries(url.searchParams))
      return world.list(TicketTab.parse(query.tab), query)
    }
    const ticket = world.find(id)
    if (ticket === undefined) throw new MockRefusal(404, 'not_found')
    if (name === 'decide') {
      const { action, comment } = Decide.parse(await readBody(request))
      if (RefusalReason.safeParse(wishes.problem).success) throw new MockRefusal(409, wishes.problem)
      decideInWorld(ticket, person, action, comment)
    }
    if (name === 'withdrawMyTicket')
      Object.assign(ticket, {
        status: 'withdrawn',
        permissions: {
          ...ticket.permissions,
          withdraw: { allowed: false, reason: null },
          remind: { allowed: false, reason: null },
        },
      })
    if (name === 'remindMyTicket')
      return { reminded: ticket.nodes[0]?.approvers.map((approver) => approver.uid) ?? [], tooSoon: [] }
    if (name === 'commentAsMe') {
      const { comment } = AppComment.parse(await readBody(request))
      ticket.history.push({
        at: new Date().toISOString(),
        actor: people[person],
        action: 'comment',
        via: 'h5',
        comment,
        node: null,
        superseded: false,
        transfer: null,
      })
    }
    return ticket
  }

  async function answer(called: Called, request: IncomingMessage, url: URL): Promise<unknown> {
    const { name } = called
    const wishes = readWishes(request)
    if (wishes.problem === 'broken') throw new MockRefusal(500, 'internal')
    if (name === 'loginOptions') return options(wishes, url.searchParams)
    if (name === 'startLogin')
      return { authorizeUrl: `${url.origin}/console/mobile/index/?code=code&state=state-state-state-state` }
    if (name === 'finishLogin') {
      if (wishes.problem !== '')
        throw new MockRefusal(wishes.problem.startsWith('platform') ? 503 : 403, wishes.problem)
      return { ...sessionOf('wei', wishes), target: '?t=acme&c=feishu' }
    }
    if (wishes.person === undefined) throw new MockRefusal(401, 'no_session')
    return (
      (await answerSettings(wishes.person, called, request, wishes)) ??
      answerAs(wishes.person, called, request, url, wishes)
    )
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const found = findRoute(request.method ?? 'GET', url.pathname)
    if (found === undefined || !url.pathname.startsWith('/api/app/')) return false
    await new Promise((resolve) => setTimeout(resolve, found.name === 'finishLogin' ? delays.loginMs : delays.listMs))
    try {
      const body = await answer(found, request, url)
      const endpoint: Endpoint | undefined = Object.entries(endpoints).find(([name]) => name === found.name)?.[1]
      // Before anything is sent: what does not keep the contract is a refusal that says so.
      const text = endpoint?.response === undefined ? null : JSON.stringify(endpoint.response.parse(body))
      if (text === null) response.writeHead(204).end()
      else response.writeHead(endpoint?.status ?? 200, { 'content-type': 'application/json' }).end(text)
    } catch (thrown) {
      const refusal = thrown instanceof MockRefusal ? thrown : new MockRefusal(500, String(thrown))
      const { status, code, fields } = refusal
      response.writeHead(status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail: code, errors: fields }))
    }
    return true
  }
}
