import { createRequire } from 'node:module'
import type { ChannelError } from '#server/channels/channel-error.ts'
import { noAnswer, refusedByGateway } from './errors.ts'
import { GatewayError, TransportError } from './wire.ts'

export interface SmsAccount {
  accessKeyId: string
  accessKeySecret: string
}

export interface SmsClient {
  /** One call; the answer's body as it came. Throws ChannelError. */
  call(operation: { action: string; version: string }, query: Record<string, string>): Promise<unknown>
}

/** Two calls, and what is around them, stay below the time that a delivery has. */
const connectWithinMs = 3_000
const answerWithinMs = 6_000

/** The official client, with its endpoint always given: it would else guess one by region. */
export function createSmsClient(account: SmsAccount, endpoint: string, now: () => number): SmsClient {
  let opened: Sdk | undefined
  return {
    async call({ action, version }, query) {
      // Loaded with the first message: most hosts send none, and it takes a while.
      opened ??= openSdk(account, new URL(endpoint))
      const { client, sdk, Runtime } = opened
      const params = new sdk.Params({
        action,
        version,
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      })
      const runtime = new Runtime({ connectTimeout: connectWithinMs, readTimeout: answerWithinMs })
      try {
        const answer: unknown = await client.callApi(params, new sdk.OpenApiRequest({ query }), runtime)
        return typeof answer === 'object' && answer !== null && 'body' in answer ? answer.body : undefined
      } catch (error) {
        throw failureOf(error, now())
      }
    },
  }
}

type Sdk = ReturnType<typeof openSdk>

/** By `require`: its default export is one thing to Node and another to bundlers, while this is what it wrote itself. */
const load = createRequire(import.meta.url)

function openSdk({ accessKeyId, accessKeySecret }: SmsAccount, url: URL) {
  const { default: Client, $OpenApiUtil: sdk } = load(
    '@alicloud/openapi-core',
  ) as typeof import('@alicloud/openapi-core')
  const { RuntimeOptions: Runtime } = load('@darabonba/typescript') as typeof import('@darabonba/typescript')
  const config = new sdk.Config({
    accessKeyId,
    accessKeySecret,
    endpoint: url.host,
    protocol: url.protocol.slice(0, -1),
    userAgent: 'countersign',
  })
  return { client: new Client(config), sdk, Runtime }
}

function failureOf(error: unknown, now: number): ChannelError {
  const gateway = GatewayError.safeParse(error)
  if (gateway.success) {
    const { statusCode: status, code, data, retryAfter } = gateway.data
    const message = data?.Message ?? ''
    return refusedByGateway(
      { status, code, message, ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }) },
      now,
    )
  }
  const transport = TransportError.safeParse(error)
  return noAnswer(transport.success ? transport.data : { name: 'unknown', message: '' })
}
