import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  AppComment,
  Decide,
  type Endpoint,
  endpoints,
  Locale,
  RefusalReason,
  routes,
  TicketTab,
} from '@countersign/contracts'
import { people, type Uid } from './mock-tickets.ts'
import { createWorld, decideInWorld, type World } from './mock-world.ts'

/** What a browser asks of this stand-in by its cookies: who is there, and what is to go wrong. */
interface Wishes {
  person: Uid | undefined
  locale: Locale
  /** A problem code that the log-in gives, or a refusal that a decision meets, or `broken` for a 500. */
  problem: string
  isEmpty: boolean
}

/** Milliseconds that answers take, as the performance notes have it. */
export interface MockDelays {
  listMs: number
  loginMs: number
}

class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
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

/** Implements the contract's session endpoints in memory, one world per person; for development and measurements only. */
export function createMockApi(delays: MockDelays) {
  const worlds = new Map<string, World>()
  const worldOf = (person: Uid, isEmpty: boolean): World => {
    const key = `${person}${isEmpty}`
    const world = worlds.get(key) ?? createWorld(person, Date.now(), { copies: 5, isEmpty })
    worlds.set(key, world)
    return world
  }

  const sessionOf = (person: Uid, wishes: Wishes) => ({
    user: { ...people[person], locale: wishes.locale, timeZone: 'Asia/Shanghai', roles: ['user'] },
    tenant: { id: 'acme', name: 'Acme 云仓科技' },
    channel: 'feishu',
    pending: worldOf(person, wishes.isEmpty).list('pending', { limit: 20 }),
  })
  const options = (wishes: Wishes, query: URLSearchParams) => ({
    tenants: [
      {
        id: 'acme',
        name: 'Acme 云仓科技',
        channels: [
          { channel: 'feishu', appId: 'cli_feishu', jsSdkUrl: null, corpId: null },
          { channel: 'lark', appId: 'cli_lark', jsSdkUrl: null, corpId: null },
        ],
      },
      {
        id: 'globex',
        name: 'Globex',
        channels: [{ channel: 'lark', appId: 'cli_globex', jsSdkUrl: null, corpId: null }],
      },
    ].filter((tenant) => !query.has('t') || tenant.id === query.get('t')),
    channelNotEnabled: wishes.problem === 'channel_not_enabled',
    nonce: 'nonce-nonce-nonce-nonce',
  })

  async function answerAs(
    person: Uid,
    name: string,
    id: string,
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
    if (ticket === undefined) throw new Refused(404, 'not_found')
    if (name === 'decide') {
      const { action, comment } = Decide.parse(await readBody(request))
      if (RefusalReason.safeParse(wishes.problem).success) throw new Refused(409, wishes.problem)
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
      })
    }
    return ticket
  }

  async function answer(name: string, id: string, request: IncomingMessage, url: URL): Promise<unknown> {
    const wishes = readWishes(request)
    if (wishes.problem === 'broken') throw new Refused(500, 'internal')
    if (name === 'loginOptions') return options(wishes, url.searchParams)
    if (name === 'startLogin')
      return { authorizeUrl: `${url.origin}/console/mobile/index/?code=code&state=state-state-state-state` }
    if (name === 'finishLogin') {
      if (wishes.problem !== '') throw new Refused(wishes.problem.startsWith('platform') ? 503 : 403, wishes.problem)
      return { ...sessionOf('wei', wishes), target: '?t=acme&c=feishu' }
    }
    if (wishes.person === undefined) throw new Refused(401, 'no_session')
    return answerAs(wishes.person, name, id, request, url, wishes)
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const found = Object.entries(routes).flatMap(([name, route]) => {
      const match = new RegExp(`^${route.path.replace(':id', '([^/]+)')}$`).exec(url.pathname)
      return match !== null && route.method === request.method ? [{ name, id: decodeURIComponent(match[1] ?? '') }] : []
    })[0]
    if (found === undefined || !url.pathname.startsWith('/api/app/')) return false
    await new Promise((resolve) => setTimeout(resolve, found.name === 'finishLogin' ? delays.loginMs : delays.listMs))
    try {
      const body = await answer(found.name, found.id, request, url)
      const endpoint: Endpoint | undefined = Object.entries(endpoints).find(([name]) => name === found.name)?.[1]
      if (endpoint?.response === undefined) response.writeHead(204).end()
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(endpoint.response.parse(body)))
    } catch (thrown) {
      const { status, code } = thrown instanceof Refused ? thrown : { status: 500, code: String(thrown) }
      response.writeHead(status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail: code }))
    }
    return true
  }
}
