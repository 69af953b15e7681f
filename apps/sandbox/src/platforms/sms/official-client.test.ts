import credentials, { Config as CredentialConfig } from '@alicloud/credentials'
import openApiCore, { $OpenApiUtil } from '@alicloud/openapi-core'
import { RuntimeOptions } from '@darabonba/typescript'
import { describe, expect, it } from 'vitest'
import { createTestWorld } from '#sandbox/_world.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { codeTemplate, keyId, keySecret } from './_client.ts'

const Credential = defaultOf(credentials)
const Client = defaultOf(openApiCore)

describe('the official client', () => {
  it.each(['query', 'body'] as const)('sends a code with its parameters in the %s', async (place) => {
    await using world = await createTestWorld()
    const parameters = {
      PhoneNumbers: '13800138000',
      SignName: '会签',
      TemplateCode: codeTemplate,
      TemplateParam: '{"code":"144619"}',
      OutId: "it's (a) *test* ~ +1 %",
    }
    const answer = await call(world.sandbox, 'SendSms', '2017-05-25', { [place]: parameters })
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toMatchObject({ Code: 'OK' })
    expect(world.sandbox.sms.inbox('13800138000')).toMatchObject([{ outId: parameters.OutId }])
  })

  it('sends abroad', async () => {
    await using world = await createTestWorld()
    const query = { To: '6591110001', Message: 'Ticket #1042 waits', Type: 'NOTIFY' }
    const answer = await call(world.sandbox, 'SendMessageToGlobe', '2018-05-01', { query })
    expect(answer.body).toMatchObject({ ResponseCode: 'OK' })
  })

  it('is told why its key is not the right one', async () => {
    await using world = await createTestWorld()
    const sending = call(world.sandbox, 'SendSms', '2017-05-25', { query: {} }, 'another secret')
    await expect(sending).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' })
  })
})

interface CalledBack {
  statusCode: number
  body: Record<string, unknown>
}

async function call(
  { sms }: Sandbox,
  action: string,
  version: string,
  request: { query?: Record<string, string>; body?: Record<string, string> },
  accessKeySecret = keySecret,
): Promise<CalledBack> {
  const credential = new Credential(new CredentialConfig({ type: 'access_key', accessKeyId: keyId, accessKeySecret }))
  const { host } = new URL(sms.endpoint)
  const client = new Client(new $OpenApiUtil.Config({ credential, endpoint: host, protocol: 'http' }))
  const params = new $OpenApiUtil.Params({
    action,
    version,
    protocol: 'HTTP',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    pathname: '/',
    reqBodyType: 'formData',
    bodyType: 'json',
  })
  return (await client.callApi(
    params,
    new $OpenApiUtil.OpenApiRequest(request),
    new RuntimeOptions({ autoretry: false }),
  )) as CalledBack
}

/** The default export of a CommonJS module: Node hands out the module around it, Vitest the export itself. */
function defaultOf<T>(imported: { default: T }): T {
  return typeof imported === 'function' ? (imported as unknown as T) : imported.default
}
