import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { letterOf } from '#server/channels/email/_letter.ts'
import type { Letter } from '#server/channels/messenger.ts'

export interface Asked {
  action: string
  version: string
  query: Record<string, string>
  authorization: string
}

/** `null` breaks the connection before an answer. */
export type Answer = { status?: number; body: unknown; headers?: Record<string, string> } | null

/** The service as far as HTTP goes: it answers what it is told. */
export interface FakeService extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  /** From now on, for this operation. */
  on(action: string, answer: (asked: Asked) => Answer): void
}

export async function startService(): Promise<FakeService> {
  const asked: Asked[] = []
  const answers = new Map<string, (asked: Asked) => Answer>()
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://service')
    const one: Asked = {
      action: String(req.headers['x-acs-action']),
      version: String(req.headers['x-acs-version']),
      query: Object.fromEntries(url.searchParams),
      authorization: String(req.headers.authorization),
    }
    asked.push(one)
    const answer = (answers.get(one.action) ?? ok)(one)
    if (answer === null) {
      req.socket.destroy()
      return
    }
    const { status = 200, body, headers = {} } = answer
    res.writeHead(status, { 'content-type': 'application/json', ...headers })
    res.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    on: (action, answer) => void answers.set(action, answer),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function ok({ action }: Asked): Answer {
  return action === 'SendMessageToGlobe'
    ? { body: { ResponseCode: 'OK', ResponseDescription: 'accepted', MessageId: '123', Segments: '2' } }
    : { body: { Code: 'OK', Message: 'OK', BizId: '900^1', SmsSendDetailDTOs: { SmsSendDetailDTO: [] } } }
}

/** Settings with both services at one address. */
export function smsSettings(url: string): Record<string, unknown> {
  return {
    provider: 'aliyun',
    accessKeyId: 'LTAI5tTestTestTestTest',
    accessKeySecret: 'test-access-key-secret',
    signName: '会签',
    codeTemplate: 'SMS_900000001',
    noticeTemplate: 'SMS_900000002',
    endpoint: url,
    internationalEndpoint: url,
  }
}

export const mainlandMobile = '+8613800138000'
export const singaporeMobile = '+6591234567'

export function smsLetter(
  mobile: string,
  changes: Partial<Letter> = {},
  card: Parameters<typeof letterOf>[1] = {},
): Letter {
  return letterOf({ address: { mobile }, ...changes }, card)
}
