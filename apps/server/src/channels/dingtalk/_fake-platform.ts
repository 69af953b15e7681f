import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/* Stands in for the platform in unit tests: keeps cards, answers what the test says, and remembers what it was asked. */

export interface Call {
  method: string
  /** Without host prefix and query. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}

export interface Reply {
  status?: number
  /** A string goes out as it is. */
  body: unknown
}

/** An answer, or something worse done to the connection. */
export type Handler = (call: Call, response: ServerResponse) => Reply | Promise<Reply> | null

export interface FakeCard {
  everybodys: Record<string, string>
  own: Map<string, Record<string, string>>
  holders: string[]
}

export interface FakePlatform extends AsyncDisposable {
  url: string
  calls: Call[]
  cards: Map<string, FakeCard>
  tokensIssued: number
  /** By path; a handler stays until another takes its place. */
  on(path: string, handler: Handler): void
  /** What answers a path now. */
  handler(path: string): Handler
  callsTo(path: string): Call[]
  /** Whom no card can be delivered to. */
  unreachable: Set<string>
}

export const TOKEN = '/v1.0/oauth2/accessToken'
export const CREATE = '/v1.0/card/instances/createAndDeliver'
export const DELIVER = '/v1.0/card/instances/deliver'
export const UPDATE = '/v1.0/card/instances'
export const ROBOT = '/v1.0/robot/oToMessages/batchSend'
export const WORK = '/topapi/message/corpconversation/asyncsend_v2'
export const BY_MOBILE = '/topapi/v2/user/getbymobile'
export const USER = '/topapi/v2/user/get'

export const refusal = (code: string, status = 400): Reply => ({
  status,
  body: { code, message: `refused: ${code}`, requestid: 'request-1' },
})
export const oldRefusal = (errcode: number, more: object = {}): Reply => ({
  body: { errcode, errmsg: `refused: ${errcode}`, ...more },
})
export const done = (result: unknown): Reply => ({ body: { errcode: 0, errmsg: 'ok', result } })

export async function startFakePlatform(): Promise<FakePlatform> {
  const handlers = new Map<string, Handler>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '', 'http://platform')
    const path = url.pathname.replace(/^\/dingtalk/, '')
    const body = text === '' ? {} : JSON.parse(text)
    const call = { method: request.method ?? '', path, query: url.searchParams, headers: request.headers, body }
    platform.calls.push(call)
    const reply = await handlers.get(path)?.(call, response)
    if (reply === undefined) respond(response, { status: 404, body: '404 page not found' })
    else if (reply !== null) respond(response, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const platform: FakePlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dingtalk`,
    calls: [],
    cards: new Map(),
    tokensIssued: 0,
    unreachable: new Set(),
    on: (path, handler) => void handlers.set(path, handler),
    handler: (path) => handlers.get(path) ?? (() => ({ status: 404, body: '404 page not found' })),
    callsTo: (path) => platform.calls.filter((call) => call.path === path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  platform.on(TOKEN, () => {
    platform.tokensIssued += 1
    return { body: { accessToken: `token-${platform.tokensIssued}`, expireIn: 7_200 } }
  })
  keepCards(platform)
  platform.on(ROBOT, () => ({
    body: { processQueryKey: 'key-1', invalidStaffIdList: [], flowControlledStaffIdList: [] },
  }))
  platform.on(WORK, () => ({ body: { errcode: 0, errmsg: 'ok', task_id: 77 } }))
  return platform
}

interface CardBody {
  outTrackId: string
  openSpaceId: string
  cardData?: { cardParamMap: Record<string, string> }
  privateData?: Record<string, { cardParamMap: Record<string, string> }>
}

function keepCards(platform: FakePlatform): void {
  const put = (card: FakeCard, { cardData, privateData = {} }: CardBody): void => {
    Object.assign(card.everybodys, cardData?.cardParamMap)
    for (const [user, { cardParamMap }] of Object.entries(privateData)) {
      card.own.set(user, { ...card.own.get(user), ...cardParamMap })
    }
  }
  const deliver = (card: FakeCard, { openSpaceId }: CardBody) => {
    if (!openSpaceId.startsWith('dtv1.card//') || openSpaceId.length > 1_000) throw new Error('a bad openSpaceId')
    return openSpaceId
      .slice('dtv1.card//'.length)
      .split(';')
      .map((space) => {
        const [spaceType = '', ...id] = space.split('.')
        const spaceId = id.join('.')
        const success = !platform.unreachable.has(spaceId)
        if (success) card.holders.push(spaceId)
        return { spaceType, spaceId, success, carrierId: success ? 'carrier' : '', errorMsg: success ? '' : 'not here' }
      })
  }
  platform.on(CREATE, ({ body }) => {
    const given = body as unknown as CardBody
    if (platform.cards.has(given.outTrackId)) return refusal('param.cardAlreadyExist')
    const card: FakeCard = { everybodys: {}, own: new Map(), holders: [] }
    platform.cards.set(given.outTrackId, card)
    put(card, given)
    const { outTrackId } = given
    return { body: { success: true, result: { outTrackId, deliverResults: deliver(card, given) } } }
  })
  platform.on(DELIVER, ({ body }) => {
    const given = body as unknown as CardBody
    const card = platform.cards.get(given.outTrackId)
    return card === undefined
      ? refusal('param.cardNotExist')
      : { body: { success: true, result: deliver(card, given) } }
  })
  platform.on(UPDATE, ({ body }) => {
    const given = body as unknown as CardBody
    const card = platform.cards.get(given.outTrackId)
    if (card === undefined) return refusal('param.cardNotExist')
    put(card, given)
    return { body: { success: true, result: true } }
  })
}

function respond(response: ServerResponse, { status = 200, body }: Reply): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json; charset=utf-8' })
  response.end(isText ? body : JSON.stringify(body))
}
