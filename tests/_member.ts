import type { World } from './_world.ts'

/** Somebody's browser: logged in, it keeps its cookies and sends what our own pages send. */
export interface Member {
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<MemberAnswer>
  /** An answer that comes bit by bit. Throws when it is a refusal. */
  open(method: string, path: string, body: unknown, signal: AbortSignal): Promise<OpenAnswer>
}

export interface OpenAnswer {
  headers: Headers
  chunks: AsyncIterable<string>
}

export interface CallOptions {
  headers?: Record<string, string>
  /** Without the header that our own pages send. */
  isForeign?: boolean
  /** The answer is a file, and no JSON. */
  isText?: boolean
}

export interface MemberAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into by assertions.
  body: any
  text: string
  headers: Headers
}

/** A browser that nobody has logged in with. */
export function anonymous(world: Pick<World, 'url'>): Member {
  const cookies = new Map<string, string>()
  const kept = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    async open(method, path, body, signal) {
      const own = { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin' }
      const headers = { cookie: kept(), ...own, 'content-type': 'application/json' }
      const response = await fetch(`${world.url}${path}`, { method, headers, body: JSON.stringify(body), signal })
      if (!response.ok || response.body === null) throw new Error(`${response.status} ${await response.text()}`)
      return { headers: response.headers, chunks: response.body.pipeThrough(new TextDecoderStream()) }
    },
    async call(method, path, body, { headers = {}, isForeign = false, isText = false } = {}) {
      const response = await fetch(`${world.url}${path}`, {
        method,
        headers: {
          cookie: kept(),
          ...(isForeign ? {} : { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin' }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
        cookies.set(name, value)
      }
      const text = await response.text()
      const parsed = text === '' || isText ? null : JSON.parse(text)
      return { status: response.status, body: parsed, text, headers: response.headers }
    },
  }
}

/** Logs in by redirect with an account on Lark or Feishu, as a desktop browser does. Throws when the log-in is refused. */
export async function logIn(world: World, account: string, channel: 'lark' | 'feishu' = 'lark'): Promise<Member> {
  const member = anonymous(world)
  await member.call('GET', '/api/app/login-options?t=acme')
  const started = await member.call('POST', '/api/app/login/start', { tenant: 'acme', channel, target: '' })
  const authorize = `${started.body.authorizeUrl}&sandbox_person=${account}`
  const back = new URL((await fetch(authorize, { redirect: 'manual' })).headers.get('location') ?? 'about:blank')
  const grant = { code: back.searchParams.get('code'), state: back.searchParams.get('state') }
  const finished = await member.call('POST', '/api/app/login/finish', grant)
  if (finished.status !== 200) throw new Error(`log-in: ${finished.status} ${JSON.stringify(finished.body)}`)
  return member
}
