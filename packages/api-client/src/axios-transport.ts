import axios, { type AxiosError, type AxiosInstance, isAxiosError } from 'axios'
import { ApiError } from './api-error.ts'
import { type ApiAnswer, type ApiRequest, requestHeaders, requestTimeoutMs, type Transport } from './transport.ts'

const codeOf = (error: AxiosError): string => {
  if (error.code === 'ERR_CANCELED') return 'aborted'
  return error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT' ? 'timeout' : 'network'
}

/** The transport for everything behind the first screen, over one axios instance. */
export function createAxiosTransport(instance: AxiosInstance = axios.create()): Transport {
  return async (request: ApiRequest): Promise<ApiAnswer> => {
    try {
      const response = await instance.request<unknown>({
        method: request.method,
        url: request.url,
        headers: requestHeaders(request),
        timeout: requestTimeoutMs,
        // Every status is an answer here; the client tells success from refusal, once for both transports.
        validateStatus: () => true,
        responseType: 'json',
        ...(request.method === 'GET' ? {} : { data: request.body ?? {} }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      })
      // A failed parse leaves null or the text; neither is a body of ours.
      const body: unknown = response.data
      return { status: response.status, body: typeof body === 'object' && body !== null ? body : undefined }
    } catch (cause) {
      if (!isAxiosError(cause)) throw cause
      throw new ApiError({ status: 0, code: codeOf(cause), detail: '', cause })
    }
  }
}
