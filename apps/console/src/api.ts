import { type ApiClient, asApiError, createApiClient } from '@countersign/api-client'
import { createAxiosTransport } from '@countersign/api-client/axios'
import { callInLines, type LinesInput } from '@countersign/api-client/lines'
import type { DoctorStep } from '@countersign/contracts'
import { routes } from '@countersign/contracts/routes'

let sessionLost: () => void = () => undefined
/** Called whenever the server no longer knows this browser. */
export function onSessionLost(listener: () => void): void {
  sessionLost = listener
}

/** The one client of the console. Every method rejects with an ApiError. */
export const api: ApiClient = createApiClient(routes, createAxiosTransport(), { onNoSession: () => sessionLost() })

/** Follows the doctor's look at a channel, step by step. Throws ApiError. */
export async function* followExamination(input: LinesInput<'followExamination'>): AsyncGenerator<DoctorStep> {
  try {
    yield* callInLines('followExamination', input)
  } catch (thrown) {
    if (asApiError(thrown).code === 'no_session') sessionLost()
    throw thrown
  }
}
