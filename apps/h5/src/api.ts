import { type ApiClient, ApiError, createApiClient, fetchTransport, type Transport } from '@countersign/api-client'
import { h5Routes } from '@countersign/contracts/h5-routes'

type H5Client = Pick<ApiClient, keyof typeof h5Routes>

let axiosTransport: Promise<Transport> | undefined

/** Loads axios once; a failed load is tried again with the next call. */
function loadAxios(): Promise<Transport> {
  axiosTransport ??= import('@countersign/api-client/axios').then(
    (module) => module.createAxiosTransport(),
    (cause) => {
      axiosTransport = undefined
      throw new ApiError({ status: 0, code: 'network', detail: 'A part of the app did not load.', cause })
    },
  )
  return axiosTransport
}

let sessionLost: () => void = () => undefined
/** Called whenever the server no longer knows this browser. */
export function onSessionLost(listener: () => void): void {
  sessionLost = listener
}
const options = { onNoSession: () => sessionLost() }

/** What the first screen needs: no bytes beyond the browser's own fetch. A missing session is an answer here. */
export const firstScreenApi: H5Client = createApiClient(h5Routes, fetchTransport)
/** Everything behind it, over axios, which arrives after the first paint. */
export const api: H5Client = createApiClient(h5Routes, async (request) => (await loadAxios())(request), options)

/** Fetches axios while the person reads, so that the first tap does not wait for it. */
export function warmUpApi(): void {
  // A failure here is no news: the call that needs it tries again and reports.
  loadAxios().catch(() => undefined)
}
