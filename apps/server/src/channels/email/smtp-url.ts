/** Where a mail server is, and how it is spoken to. */
export interface SmtpPlace {
  host: string
  port: number
  /** TLS from the start. */
  isSecure: boolean
  /** Plain text would do, and no certificate is verified. */
  isTlsOptional: boolean
  auth: { user: string; pass: string } | null
}

/** `smtp://` or `smtps://`, as the contracts take it. */
export function readSmtpUrl(url: URL): SmtpPlace {
  const isSecure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // What stays on this machine nobody can listen to.
  const tls = url.searchParams.get('tls') ?? (isLoopback(host) ? 'optional' : 'required')
  const auth = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
  return {
    host,
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    isSecure,
    isTlsOptional: tls === 'optional',
    auth: auth.user === '' ? null : auth,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
