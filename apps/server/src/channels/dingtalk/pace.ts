import type { DingtalkClient } from './client.ts'

/** The app may make 20 calls a second to each API; other work needs some of them. */
export const BETWEEN_CALLS_MS = 70

/** The same client, calling no API of the old host faster than the app may. */
export function pacedClient(client: DingtalkClient): DingtalkClient {
  const paces = new Map<string, () => Promise<void>>()
  return {
    ...client,
    async callOld(call) {
      const pace = paces.get(call.api) ?? pacer(BETWEEN_CALLS_MS)
      paces.set(call.api, pace)
      await pace()
      return client.callOld(call)
    },
  }
}

/** Waits until the last call is long enough ago. */
export function pacer(betweenMs: number): () => Promise<void> {
  let nextAt = 0
  return async () => {
    const at = performance.now()
    const waitMs = nextAt - at
    nextAt = Math.max(at, nextAt) + betweenMs
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}
