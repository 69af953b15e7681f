import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli, startServer } from '@countersign/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/* From an empty data directory to an administrator who is logged in. */

let folder: string
const greetings: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-first-'))
  greetings.length = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const variables = () => ({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' })
const start = () => startServer({ folder, variables: variables() }, { greet: (text) => void greetings.push(text) })

const secretIn = (text: string): string => /\/console\/login#link=([\w-]{43})/.exec(text)?.[1] ?? ''

/** Of our own server, in a test: what is in it, the expectations say. */
const json = async (answer: Response): Promise<Record<string, unknown>> =>
  answer.json() as Promise<Record<string, unknown>>

const logIn = (url: string, link: string) =>
  fetch(`${url}/api/app/login/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-with': 'countersign', origin: url },
    body: JSON.stringify({ link }),
  })

async function cli(words: string[]): Promise<{ code: number; out: string; complaints: string }> {
  const out: string[] = []
  const complaints: string[] = []
  const code = await runCli(words, {
    folder,
    variables: variables(),
    out: (line) => void out.push(line),
    complain: (line) => void complaints.push(line),
  })
  return { code, out: out.join('\n'), complaints: complaints.join('\n') }
}

describe('a host that nobody has set up', () => {
  it('gives its first administrator a link, anew with every start until it was used, and then no more', async () => {
    const first = await start()
    const early = secretIn(greetings[0] ?? '')
    expect(early).not.toBe('')
    await first.stop()

    const second = await start()
    const link = secretIn(greetings[1] ?? '')
    expect(link).not.toBe(early)
    expect((await logIn(second.url, early)).status).toBe(401)
    const answer = await logIn(second.url, link)
    expect(answer.status).toBe(200)
    const session = await json(answer)
    expect(session).toMatchObject({
      user: { uid: 'admin', roles: ['admin', 'user'] },
      tenant: { id: 'main' },
      channel: null,
    })
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const audit = await fetch(`${second.url}/api/app/console/audit`, { headers: { cookie } })
    expect((await json(audit)).items).toMatchObject([{ action: 'session.login' }, { action: 'user.administrator' }])
    const again = await logIn(second.url, link)
    expect([again.status, (await json(again)).code]).toEqual([401, 'login_failed'])
    await second.stop()

    const third = await start()
    expect(greetings).toHaveLength(2)
    await third.stop()
  })

  it('does not take what is no link, and says what is wrong with it', async () => {
    const server = await start()
    const answer = await logIn(server.url, 'short')
    expect([answer.status, (await json(answer)).errors]).toMatchObject([422, [{ path: 'link' }]])
    expect((await logIn(server.url, 'x'.repeat(43))).status).toBe(401)
    await server.stop()
  })
})

describe('cli create-admin', () => {
  it('adds, promotes or keeps an administrator, and its link logs in once', async () => {
    const made = await cli(['create-admin', '--tenant', 'acme', '--uid', 'root', '--name', 'Root Person'])
    expect(made).toMatchObject({ code: 0, complaints: '' })
    expect(made.out).toContain('root was added as an administrator of acme')
    const server = await start()
    expect(greetings).toEqual([])
    const answer = await logIn(server.url, secretIn(made.out))
    expect(await json(answer)).toMatchObject({ user: { uid: 'root', name: 'Root Person' }, tenant: { id: 'acme' } })
    await server.stop()
    expect((await cli(['create-admin', '--uid', 'root'])).out).toContain('root is already an administrator of acme')
  })

  it('names what is wrong with its arguments, and changes nothing', async () => {
    expect(await cli(['create-admin', '--tenant', 'No Such'])).toMatchObject({
      code: 1,
      complaints: expect.stringContaining('--tenant'),
    })
    expect(await cli(['create-admin', '--uid', '!'])).toMatchObject({
      code: 1,
      complaints: expect.stringContaining('--uid'),
    })
    await cli(['create-admin', '--tenant', 'acme'])
    await cli(['create-admin', '--tenant', 'beta'])
    expect(await cli(['create-admin'])).toMatchObject({ code: 1, complaints: '--tenant must say which: acme, beta' })
  })
})
