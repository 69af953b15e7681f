import type { Platform } from '@countersign/sandbox'
import type { ApiAnswer, World } from './_world.ts'

/** A person's browser, logged in by redirect through their platform; the requests are those of the web apps. */
export interface Browser {
  call(method: string, path: string, body?: unknown): Promise<ApiAnswer>
}

/** Logs somebody in. Throws when the platform or the server refuses. */
export async function logIn(world: World, uid: string, platform: Platform = 'lark'): Promise<Browser> {
  const cookies = new Map<string, string>()
  const call: Browser['call'] = async (method, path, body) => {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: {
        origin: world.url,
        'x-requested-with': 'countersign',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      cookies.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }
  await call('GET', '/api/app/login-options')
  const started = await call('POST', '/api/app/login/start', { tenant: 'acme', channel: platform })
  const address = new URL(started.body.authorizeUrl)
  address.searchParams.set('sandbox_person', uid)
  const led = await fetch(address, { redirect: 'manual' })
  const back = new URL(led.headers.get('location') ?? 'about:blank').searchParams
  const finished = await call('POST', '/api/app/login/finish', { code: back.get('code'), state: back.get('state') })
  if (finished.status !== 200) throw new Error(`log-in of ${uid}: ${finished.status} ${JSON.stringify(finished.body)}`)
  return { call }
}
