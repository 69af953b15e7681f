import { createHash, randomUUID } from 'node:crypto'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { signV3 } from './acs3.ts'

export const keyId = 'LTAI5tSandboxSandboxSand'
export const keySecret = 'sandbox-sms-access-key-secret'
export const codeTemplate = 'SMS_900000001'
export const noticeTemplate = 'SMS_900000002'

interface Wrong {
  version?: string
  secret?: string
  accessKeyId?: string
  date?: string
  nonce?: string
  /** Leaves these out of the signature. */
  unsigned?: string[]
  /** Sends this body and signs the empty one. */
  body?: string
}

export interface Answered {
  status: number
  body: Record<string, unknown>
}

/** One signed RPC call with its parameters in the query, right or wrong where told. */
export async function callSms(
  { sms }: Sandbox,
  action: string,
  parameters: Record<string, string>,
  wrong: Wrong = {},
): Promise<Answered> {
  const query = new URLSearchParams(parameters)
  const headers: Record<string, string> = {
    'x-acs-action': action,
    'x-acs-content-sha256': createHash('sha256').update('').digest('hex'),
    'x-acs-date': wrong.date ?? new Date().toISOString().replace(/\.\d+/, ''),
    'x-acs-signature-nonce': wrong.nonce ?? randomUUID(),
    'x-acs-version': wrong.version ?? '2017-05-25',
  }
  const covered = { host: new URL(sms.endpoint).host, ...headers }
  const names = Object.keys(covered).filter((name) => !wrong.unsigned?.includes(name))
  const request = { method: 'POST', path: '/', query, headers: covered, body: Buffer.alloc(0) }
  const signature = signV3(request, names, wrong.secret ?? keySecret)
  const credential = wrong.accessKeyId ?? keyId
  const response = await fetch(`${sms.endpoint}/?${query}`, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `ACS3-HMAC-SHA256 Credential=${credential},SignedHeaders=${names.join(';')},Signature=${signature}`,
    },
    ...(wrong.body === undefined ? {} : { body: wrong.body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** A code to one number, with something else where told. */
export function sendCode(sandbox: Sandbox, more: Record<string, string> = {}): Promise<Answered> {
  return callSms(sandbox, 'SendSms', {
    PhoneNumbers: '13800138000',
    SignName: '会签',
    TemplateCode: codeTemplate,
    TemplateParam: '{"code":"144619"}',
    ...more,
  })
}

/** A notice to one number, with something else where told. */
export function sendNotice(
  sandbox: Sandbox,
  values: object = {},
  more: Record<string, string> = {},
): Promise<Answered> {
  const all = { name: '陈思远', number: '1042', title: '导出订单', status: '待审批', ...values }
  return sendCode(sandbox, { TemplateCode: noticeTemplate, TemplateParam: JSON.stringify(all), ...more })
}
