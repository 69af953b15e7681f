import { ApiError } from './api-error.ts'
import { type ApiAnswer, type ApiRequest, requestHeaders, requestTimeoutMs } from './transport.ts'

/** Reads an answer that somebody else asked for, such as the page's inline script before the app was there. */
export async function readResponse(response: Response): Promise<ApiAnswer> {
  if (response.status === 204) return { status: 204, body: undefined }
  const text = await response.text()
  if (text === '') return { status: response.status, body: undefined }
  try {
    return { status: response.status, body: JSON.parse(text) }
  } catch (cause) {
    // A proxy's own error page: the status says enough. A 2xx that is not JSON is nothing we can show.
    if (!response.ok) return { status: response.status, body: undefined }
    throw new ApiError({ status: response.status, code: 'bad_response', detail: 'The answer is not JSON.', cause })
  }
}

/** The small transport, for the first screen. */
export async function fetchTransport(request: ApiRequest): Promise<ApiAnswer> {
  const timer = new AbortController()
  let timedOut = false
  const timeout = setTimeout(() => {
    timedOut = true
    timer.abort()
  }, requestTimeoutMs)
  const abort = () => timer.abort()
  request.signal?.addEventListener('abort', abort)
  try {
    return await readResponse(
      await fetch(request.url, {
        method: request.method,
        headers: requestHeaders(request),
        credentials: 'same-origin',
        signal: timer.signal,
        ...(request.method === 'GET' ? {} : { body: JSON.stringify(request.body ?? {}) }),
      }),
    )
  } catch (cause) {
    if (cause instanceof ApiError) throw cause
    if (request.signal?.aborted) throw new ApiError({ status: 0, code: 'aborted', detail: '', cause })
    throw new ApiError({ status: 0, code: timedOut ? 'timeout' : 'network', detail: '', cause })
  } finally {
    clearTimeout(timeout)
    request.signal?.removeEventListener('abort', abort)
  }
}
