import type { ServiceCall, ServiceReply } from '#sandbox/http/service.ts'
import { isSame, readAuthorization, sha256, signV3, stringToSign } from './acs3.ts'
import { gatewayRefusal } from './refusals.ts'
import type { SmsAccount } from './seed.ts'

const TOLERANCE_MS = 15 * 60_000
/** Always signed, and with them every other `x-acs-*` header and the content type that a request carries. */
const mandatory = [
  'host',
  'x-acs-action',
  'x-acs-content-sha256',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-version',
]

/** Knows who calls, by the signature and nothing else; a nonce serves once. */
export class Authenticator {
  readonly #accounts: () => readonly SmsAccount[]
  readonly #nonces = new Map<string, number>()

  constructor(accounts: () => readonly SmsAccount[]) {
    this.#accounts = accounts
  }

  clear(): void {
    this.#nonces.clear()
  }

  /** The caller's account, or the gateway's refusal. `now` is everybody's clock: callers sign with theirs. */
  identify(call: ServiceCall, now: number): { account: SmsAccount } | { refusal: ServiceReply } {
    const { headers } = call
    const host = String(headers.host ?? '')
    const refuse = (status: number, code: string, message: string) => ({
      refusal: gatewayRefusal(status, code, message, host),
    })
    const authorization = readAuthorization(header(call, 'authorization'))
    const absent = mandatory.find((name) => header(call, name) === undefined)
    if (authorization === undefined || absent !== undefined || !coversAll(call, authorization.signedHeaders)) {
      return refuse(400, 'IncompleteSignature', 'The request signature does not conform to Aliyun standards.')
    }
    const account = this.#accounts().find(({ accessKeyId }) => accessKeyId === authorization.accessKeyId)
    if (account === undefined) {
      return refuse(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')
    }
    const date = header(call, 'x-acs-date') ?? ''
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date)) {
      return refuse(400, 'InvalidTimeStamp.Format', 'Specified time stamp or date value is not well formatted.')
    }
    if (Math.abs(Date.parse(date) - now) > TOLERANCE_MS) {
      return refuse(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.')
    }
    const request = { ...call, path: call.path.split('?')[0] ?? '/' }
    const expected = signV3(request, authorization.signedHeaders, account.accessKeySecret)
    const isBody = header(call, 'x-acs-content-sha256') === sha256(call.body)
    if (!isBody || !isSame(expected, authorization.signature)) {
      const text = stringToSign(request, authorization.signedHeaders).replace('\n', '\\n')
      return refuse(
        400,
        'SignatureDoesNotMatch',
        `Specified signature does not match our calculation. server string to sign is:${text}`,
      )
    }
    const nonce = `${account.accessKeyId}|${header(call, 'x-acs-signature-nonce')}`
    if (this.#nonces.has(nonce)) {
      return refuse(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.')
    }
    this.#remember(nonce, now)
    return { account }
  }

  #remember(nonce: string, now: number): void {
    for (const [known, at] of this.#nonces) {
      if (now - at <= 2 * TOLERANCE_MS) break
      this.#nonces.delete(known)
    }
    this.#nonces.set(nonce, now)
  }
}

/** Whatever of the request's own headers a signature must cover is covered, in order and in lower case. */
function coversAll({ headers }: ServiceCall, signed: readonly string[]): boolean {
  const wanted = Object.keys(headers).filter((name) => name.startsWith('x-acs-') || name === 'content-type')
  const isSorted = signed.every((name, at) => at === 0 || (signed[at - 1] ?? '') < name)
  return isSorted && [...mandatory, ...wanted].every((name) => signed.includes(name))
}

function header({ headers }: ServiceCall, name: string): string | undefined {
  const value = headers[name]
  return value === undefined ? undefined : String(value)
}
