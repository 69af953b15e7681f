/** What goes over the wire for one call. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With path parameters filled in and the query appended. */
  url: string
  /** Sent as JSON. */
  body?: unknown
  signal?: AbortSignal
}

/** Status and decoded JSON body (`undefined` when there is none). Statuses outside 2xx are answers, too. */
export interface ApiAnswer {
  status: number
  body: unknown
}

/** Carries a request. Rejects with an ApiError (`network`, `timeout`) only when no answer came. */
export type Transport = (request: ApiRequest) => Promise<ApiAnswer>

/** How long a call may take. Phones change networks in lifts: better to say so than to spin. */
export const requestTimeoutMs = 20_000

/**
 * Headers of a call. Cookies alone must not be able to change anything, so every call but GET carries a header that
 * a foreign page cannot send without a CORS preflight, which the server never grants.
 */
export function requestHeaders(request: ApiRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (request.method !== 'GET') {
    headers['x-requested-with'] = 'countersign'
    headers['content-type'] = 'application/json'
  }
  return headers
}

/** Fills the parameters of a path (`:id`, `:channel`) and appends the query; what is undefined or empty is left out. */
export function buildUrl(
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  query: object | undefined,
): string {
  const filled = path.replaceAll(/:(\w+)/g, (whole, name: string) => {
    const value = parameters[name]
    return value === undefined ? whole : encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? filled : `${filled}?${text}`
}
