export { ApiError, asApiError, errorFromAnswer, type FieldProblem } from './api-error.ts'
export {
  type ApiClient,
  type ApiClientOptions,
  type AppRouteName,
  acceptAnswer,
  type CallInput,
  type CallResult,
  createApiClient,
} from './client.ts'
export { fetchTransport, readResponse } from './fetch-transport.ts'
export type { ApiAnswer, ApiRequest, Transport } from './transport.ts'
