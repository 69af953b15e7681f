import { type ApiClient, createApiClient } from '@countersign/api-client'
import { createAxiosTransport } from '@countersign/api-client/axios'

let sessionLost: () => void = () => undefined
/** Called whenever the server no longer knows this browser. */
export function onSessionLost(listener: () => void): void {
  sessionLost = listener
}

/** The one client of the console. Every method rejects with an ApiError. */
export const api: ApiClient = createApiClient(createAxiosTransport(), { onNoSession: () => sessionLost() })
