import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Core } from '#sandbox/core.ts'
import { isObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { Bridge } from '#sandbox/platforms/dingtalk/login/bridge.ts'
import type { Person } from '#sandbox/world.ts'
import { CookieJar } from './cookie-jar.ts'
import { closeServers, listen } from './listen.ts'

const LARK_VERSION = '7.32.8'
const DINGTALK_VERSION = '7.6.45'
const SCRIPT_PATH = '/__sandbox/web-view.js'
const BRIDGE_PATH = '/__sandbox/bridge'
const MAX_BRIDGE_BYTES = 64 * 1024
/** Meaningful between two neighbours only (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'proxy-authorization']

/**
 * Web views of the phones drawn on one page. Each person and app origin gets an origin of its own on this machine, with
 * its own cookies and the client's user agent: two phones side by side are two logged-in people, as in reality.
 */
export interface WebViews {
  /** The address under which this person's web view shows `url`. Foreign sites are shown as they are. */
  open(person: Person, url: string, hostname: string): Promise<{ frameUrl: string; viewOrigin?: string }>
  /** The address behind an address of a web view. */
  realUrl(url: string): string
  close(): Promise<void>
}

interface View {
  origin: string
  target: string
  servers: Server[]
}

export function createWebViews(core: Core, bridge: Bridge): WebViews {
  const views = new Map<string, Promise<View>>()
  const targets = new Map<string, string>()
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
  const script = read('web-view.client.js')
  const dingtalkScript = read('../platforms/dingtalk/login/bridge.client.js') + script

  const start = async (person: Person, target: string, hostname: string): Promise<View> => {
    const view: View = { origin: '', target, servers: [] }
    const isDingtalk = person.platform === 'dingtalk'
    const context: ForwardContext = {
      view,
      jar: new CookieJar(),
      person,
      script: isDingtalk ? dingtalkScript : script,
      ...(isDingtalk ? { bridge } : {}),
    }
    view.servers = await listen((request, response) => forward(context, request, response), '127.0.0.1', 0)
    const address = view.servers[0]?.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    view.origin = `http://${hostname}:${port}`
    targets.set(view.origin, target)
    return view
  }

  const isOwn = (origin: string): boolean => {
    const { hostname } = new URL(origin)
    if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return true
    return core.world
      .bots()
      .some((app) =>
        [...app.redirectUrls, ...(app.homeUrl === undefined ? [] : [app.homeUrl])].some(
          (url) => new URL(url).origin === origin,
        ),
      )
  }

  return {
    open: async (person, url, hostname) => {
      const { origin, pathname, search, hash } = new URL(url)
      if (!isOwn(origin)) return { frameUrl: url }
      const key = `${person.id} ${origin} ${hostname}`
      const opening = views.get(key) ?? start(person, origin, hostname)
      views.set(key, opening)
      const view = await opening
      return { frameUrl: view.origin + pathname + search + hash, viewOrigin: view.origin }
    },
    realUrl: (url) => {
      const { origin } = new URL(url)
      return (targets.get(origin) ?? origin) + url.slice(origin.length)
    },
    close: async () => {
      const open = await Promise.all(views.values())
      await closeServers(open.flatMap(({ servers }) => servers))
    },
  }
}

interface ForwardContext {
  view: View
  jar: CookieJar
  person: Person
  script: string
  /** DingTalk's client answers the page through this; Lark's through the SDK's own script. */
  bridge?: Bridge
}

function forward(context: ForwardContext, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/'
  if (path === SCRIPT_PATH) {
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' })
    response.end(context.script)
    return
  }
  if (path === BRIDGE_PATH && context.bridge !== undefined) {
    void answerBridge(context, context.bridge, request, response)
    return
  }
  const target = new URL(context.view.target)
  const outgoing = (target.protocol === 'https:' ? httpsRequest : httpRequest)(
    {
      hostname: target.hostname,
      port: target.port,
      method: request.method,
      path,
      headers: requestHeaders(context, request, path),
    },
    (answer) => deliver(context, answer, response),
  )
  outgoing.on('error', (error) => {
    if (response.headersSent) return void response.destroy()
    response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`The page cannot be reached: ${error.message}`)
  })
  response.on('close', () => outgoing.destroy())
  request.pipe(outgoing)
}

/** One call of the page to the client. The page may have gone by the time it is answered. */
async function answerBridge(
  { view, person }: ForwardContext,
  bridge: Bridge,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  let size = 0
  request.on('error', () => response.destroy())
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BRIDGE_BYTES) return void response.writeHead(413).end()
    chunks.push(chunk)
  }
  const call = parseJson(Buffer.concat(chunks).toString('utf8'))
  const name = isObject(call) ? stringAt(call, 'name') : undefined
  const url = isObject(call) ? (stringAt(call, 'url') ?? '') : ''
  if (!isObject(call) || name === undefined || !url.startsWith(view.origin)) return void response.writeHead(400).end()
  const input = isObject(call.params) ? call.params : {}
  const answer = bridge.answer(person, name, input, view.target + url.slice(view.origin.length))
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(answer))
}

function requestHeaders({ view, jar, person }: ForwardContext, request: IncomingMessage, path: string) {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !hopByHop.includes(name)) headers[name] = value
  }
  const real = (value: string | undefined) => value?.replace(view.origin, view.target)
  headers.host = new URL(view.target).host
  headers['user-agent'] = userAgentOf(person, request.headers['user-agent'] ?? '')
  const origin = real(request.headers.origin)
  const referer = real(request.headers.referer)
  if (origin !== undefined) headers.origin = origin
  if (referer !== undefined) headers.referer = referer
  // A web view is a top-level page of its own; that it is drawn in a frame is the sandbox's doing.
  if (headers['sec-fetch-dest'] === 'iframe') headers['sec-fetch-dest'] = 'document'
  // Into a page, in a frame or not, the client's own script is put.
  if (String(headers.accept ?? '').includes('text/html')) headers['accept-encoding'] = 'identity'
  const cookies = jar.header(path.split('?')[0] ?? '/')
  delete headers.cookie
  if (cookies !== '') headers.cookie = cookies
  return headers
}

function deliver(context: ForwardContext, answer: IncomingMessage, response: ServerResponse): void {
  const { view, jar } = context
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !hopByHop.includes(name)) headers[name] = value
  }
  jar.take(answer.headers['set-cookie'] ?? [], Date.now())
  for (const name of ['set-cookie', 'x-frame-options', 'strict-transport-security']) delete headers[name]
  if (typeof headers.location === 'string') headers.location = headers.location.replace(view.target, view.origin)
  if (typeof headers['content-security-policy'] === 'string') {
    headers['content-security-policy'] = headers['content-security-policy'].replace(/frame-ancestors[^;]*;?/, '')
  }
  const status = answer.statusCode ?? 502
  const isHtml =
    String(headers['content-type'] ?? '').startsWith('text/html') && headers['content-encoding'] === undefined
  if (!isHtml) {
    response.writeHead(status, headers)
    answer.pipe(response)
    return
  }
  const chunks: Buffer[] = []
  answer.on('data', (chunk: Buffer) => chunks.push(chunk))
  answer.on('end', () => {
    const html = Buffer.concat(chunks).toString('utf8')
    const own = clientUserAgent(context.person)
    const tag = `<script src="${SCRIPT_PATH}" data-${own.how}="${own.userAgent}"></script>`
    const body = html.replace(/<head[^>]*>/i, (head) => head + tag)
    delete headers['content-length']
    delete headers.etag
    response.writeHead(status, headers).end(body)
  })
}

/** Lark's clients add to the web view's own user agent, DingTalk's is an iPhone's of its own (sections 8.1 and 10.2). */
function clientUserAgent(person: Person): { how: 'user-agent' | 'whole-user-agent'; userAgent: string } {
  const [language = 'en', region = 'US'] = person.locale.split('_')
  if (person.platform !== 'dingtalk') {
    return { how: 'user-agent', userAgent: `Lark/${LARK_VERSION} LarkLocale/${language}_${region.toUpperCase()}` }
  }
  const dingtalkLanguage = language === 'zh' ? 'zh-Hans-CN' : `${language}-${region.toUpperCase()}`
  return {
    how: 'whole-user-agent',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
      `Mobile/21F90 AliApp(DingTalk/${DINGTALK_VERSION}) com.laiwang.DingTalk/48612345 language/${dingtalkLanguage} WK`,
  }
}

function userAgentOf(person: Person, browser: string): string {
  const { how, userAgent } = clientUserAgent(person)
  return how === 'user-agent' ? `${browser} ${userAgent}` : userAgent
}
