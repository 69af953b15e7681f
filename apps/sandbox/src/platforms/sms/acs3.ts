import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const ALGORITHM = 'ACS3-HMAC-SHA256'

/** The parts of a request that its signature covers. */
export interface SignedRequest {
  method: string
  /** Path without its query. */
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** What an Authorization header says. */
export interface Authorization {
  accessKeyId: string
  signedHeaders: string[]
  signature: string
}

/** Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`; undefined when it is anything else. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  const match = /^ACS3-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    header?.trim() ?? '',
  )
  const [, accessKeyId, signedHeaders, signature] = match ?? []
  if (accessKeyId === undefined || signedHeaders === undefined || signature === undefined) return undefined
  return { accessKeyId, signedHeaders: signedHeaders.split(';'), signature }
}

/**
 * The V3 signature of Alibaba Cloud (section 4.1 of the protocol notes): hex HMAC-SHA256, keyed with the secret itself,
 * over the algorithm and the hash of the canonical request.
 */
export function signV3(request: SignedRequest, signedHeaders: readonly string[], secret: string): string {
  return createHmac('sha256', secret).update(stringToSign(request, signedHeaders)).digest('hex')
}

export function stringToSign(request: SignedRequest, signedHeaders: readonly string[]): string {
  const { method, path, query, headers, body } = request
  const parameters = [...query].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  const canonical = [
    method,
    path,
    parameters.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&'),
    signedHeaders.map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`).join(''),
    signedHeaders.join(';'),
    sha256(body),
  ].join('\n')
  return `${ALGORITHM}\n${sha256(canonical)}`
}

/** True when both signatures are the same; takes the same time wherever they differ. */
export function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

export function sha256(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex')
}

/** Percent-encoding of RFC 3986: encodeURIComponent leaves five characters alone that must be encoded. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
