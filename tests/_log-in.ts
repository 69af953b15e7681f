import type { ApiAnswer, World } from './_world.ts'

/** Somebody's browser: what is asked with their cookies, as our own page would. */
export interface Visitor {
  call(method: string, path: string, body?: unknown): Promise<ApiAnswer>
}

const ownPage = { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin' }

/** Logs a person in by redirect, on the platform's own page. */
export async function logIn(world: World, uid: string, channel: 'lark' | 'feishu' = 'lark'): Promise<Visitor> {
  const jar = new Map<string, string>()
  const call: Visitor['call'] = async (method, path, body) => {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: {
        ...ownPage,
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      jar.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  const started = await call('POST', '/api/app/login/start', { tenant: 'acme', channel })
  const authorize = new URL(started.body.authorizeUrl)
  authorize.searchParams.set('sandbox_person', uid)
  const answer = await fetch(authorize, { redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? '')
  const code = back.searchParams.get('code')
  const finished = await call('POST', '/api/app/login/finish', { code, state: back.searchParams.get('state') })
  if (finished.status !== 200) throw new Error(`log-in of ${uid}: ${finished.status} ${JSON.stringify(finished.body)}`)
  return { call }
}
