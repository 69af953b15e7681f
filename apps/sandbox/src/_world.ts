import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDefaultSeed } from './default-seed.ts'
import type { JsonObject } from './json.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts'

export const larkApp = 'cli_a1b2c3d4e5f60718'
export const feishuApp = 'cli_0f1e2d3c4b5a6978'
export const larkSecret = 'sandbox-lark-app-secret'
export const larkEncryptKey = 'sandbox-lark-encrypt-key'

/** A request that reached the fake server under test. */
export interface Received {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** How the fake server answers; `hang` never does. */
export type Answering = (received: Received) => { status?: number; body?: unknown; raw?: string } | 'hang'

/** A sandbox, and a little server in the place of the real one. */
export interface TestWorld extends AsyncDisposable {
  sandbox: Sandbox
  received: Received[]
  answerWith(answering: Answering): void
  /** Calls a platform's OpenAPI as the Lark app. */
  call(method: string, path: string, body?: unknown, token?: string | null): Promise<Answered>
  /** Sends a card to a person and returns the message id. */
  sendCard(personId: string, card: JsonObject): Promise<string>
  token(): Promise<string>
}

export interface Answered {
  status: number
  headers: Headers
  body: JsonObject & { code?: unknown; data?: JsonObject }
}

export async function createTestWorld(options: Partial<SandboxOptions> = {}): Promise<TestWorld> {
  const received: Received[] = []
  let answering: Answering = () => ({ body: {} })
  const server = await serve(async (request) => {
    received.push(request)
    return answering(request)
  })
  const { port } = server.address() as AddressInfo
  const sandbox = await startSandbox({ port: 0, seed: createDefaultSeed(`http://127.0.0.1:${port}`), ...options })
  let cached: string | undefined

  const call: TestWorld['call'] = async (method, path, body, token) => {
    const bearer = token === undefined ? await world.token() : token
    const response = await fetch(sandbox.baseUrl('lark') + path, {
      method,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answered['body'] }
  }

  const world: TestWorld = {
    sandbox,
    received,
    answerWith: (next) => {
      answering = next
    },
    call,
    token: async () => {
      cached ??= String((await requestToken(sandbox)).tenant_access_token)
      return cached
    },
    sendCard: async (personId, card) => {
      const answer = await call('POST', '/open-apis/im/v1/messages?receive_id_type=open_id', {
        receive_id: sandbox.openId(personId),
        msg_type: 'interactive',
        content: JSON.stringify(card),
      })
      if (answer.body.code !== 0) throw new Error(`The card was refused: ${JSON.stringify(answer.body)}`)
      return String(answer.body.data?.message_id)
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox.close()
      server.closeAllConnections()
      server.close()
    },
  }
  return world
}

export async function requestToken(sandbox: Sandbox, appId = larkApp, appSecret = larkSecret): Promise<JsonObject> {
  const response = await fetch(`${sandbox.baseUrl('lark')}/open-apis/auth/v3/tenant_access_token/internal`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ app_id: appId, app_secret: appSecret }),
  })
  return (await response.json()) as JsonObject
}

/** A 2.0 card with one approve button, one form with a reason, and one link. */
export function approvalCard(title = 'Ticket 42'): JsonObject {
  return {
    schema: '2.0',
    config: { update_multi: true, summary: { content: title } },
    header: { title: { tag: 'plain_text', content: title }, template: 'orange' },
    body: {
      elements: [
        { tag: 'markdown', content: '**Export** orders' },
        {
          tag: 'button',
          name: 'approve',
          type: 'primary_filled',
          text: { tag: 'plain_text', content: 'Approve', i18n_content: { en_us: 'Approve', zh_cn: '同意' } },
          behaviors: [{ type: 'callback', value: { ticket: '42', act: 'approve' } }],
        },
        {
          tag: 'form',
          name: 'reject_form',
          elements: [
            { tag: 'input', name: 'reason', required: true, placeholder: { tag: 'plain_text', content: 'Why' } },
            {
              tag: 'button',
              name: 'reject',
              form_action_type: 'submit',
              text: { tag: 'plain_text', content: 'Reject' },
              behaviors: [{ type: 'callback', value: { ticket: '42', act: 'reject' } }],
            },
          ],
        },
        {
          tag: 'button',
          name: 'open',
          text: { tag: 'plain_text', content: 'Open' },
          behaviors: [{ type: 'open_url', default_url: 'http://localhost:8080/console/mobile/index/' }],
        },
      ],
    },
  }
}

function serve(answer: (received: Received) => Promise<ReturnType<Answering>>): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks).toString('utf8')
      const reply = await answer({ path: request.url ?? '', headers: request.headers, body })
      if (reply === 'hang') return
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
      response.end(reply.raw ?? JSON.stringify(reply.body ?? {}))
    })
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
