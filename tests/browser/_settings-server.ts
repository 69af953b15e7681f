import type { Page } from 'playwright-core'
import { findRoute } from '../../apps/h5/dev/find-route.ts'
import { callMockSettings, createMockSettings, MockRefusal, mockCode } from '../../apps/h5/dev/mock-settings.ts'

/*
 * Where the settings come from. Everything else (log-in, session, pages, policy) is the real server; the calls about
 * settings are answered by the stand-in of apps/h5/dev, one for each page, until the server answers them itself. Then
 * `standIn` goes, and `codeFor` reads the sandbox's inbox.
 */
export interface SettingsServer {
  /** The code that was sent last. */
  codeFor: () => string
  /** Lets time go by for the server's codes. */
  goOn: (ms: number) => void
  /** What the next calls meet in place of an answer; undefined: the answer. */
  trouble: 'lost answer' | 'no answer' | 'broken' | undefined
  /** Name and body of every call that changes something. */
  calls: { name: string; channel: string; body: unknown }[]
}

export async function standIn(
  page: Page,
  person: { uid: string; name: string; locale: 'en' | 'zh-CN' | 'ar' },
): Promise<SettingsServer> {
  let late = 0
  const mine = createMockSettings(person, () => Date.now() + late)
  const server: SettingsServer = {
    codeFor: () => mockCode,
    goOn: (ms) => {
      late += ms
    },
    trouble: undefined,
    calls: [],
  }
  await page.route('**/api/app/people/**', async (route) => {
    const request = route.request()
    const called = findRoute(request.method(), new URL(request.url()).pathname)
    if (called === undefined || called.id !== person.uid)
      return route.fulfill({ status: 404, json: { code: 'not_found' } })
    if (server.trouble === 'no answer') return route.abort()
    if (server.trouble === 'broken') return route.fulfill({ status: 502, body: '' })
    const body: unknown = request.postDataJSON() ?? {}
    if (request.method() !== 'GET') server.calls.push({ name: called.name, channel: called.channel, body })
    try {
      const answer = callMockSettings(mine, called, body)
      if (server.trouble === 'lost answer') return await route.abort()
      return await route.fulfill({ status: called.name === 'sendVerificationCode' ? 202 : 200, json: answer })
    } catch (thrown) {
      if (!(thrown instanceof MockRefusal)) throw thrown
      const { status, code, fields } = thrown
      return route.fulfill({
        status,
        json: { type: 'about:blank', title: code, status, code, detail: '', errors: fields },
      })
    }
  })
  return server
}
