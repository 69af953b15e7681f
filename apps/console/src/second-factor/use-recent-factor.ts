import { asApiError } from '@countersign/api-client'
import { ref } from 'vue'

/**
 * For what the server does only for whoever has just given a second factor: asks for it where it is missing, and then does
 * the work once more.
 */
export function useRecentFactor() {
  const isAsking = ref(false)
  let settle: (isGiven: boolean) => void = () => undefined

  /** Undefined: the person did not give one, and nothing was done. Rejects as the work does. */
  async function withFactor<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (thrown) {
      if (asApiError(thrown).code !== 'second_factor_needed') throw thrown
    }
    isAsking.value = true
    const isGiven = await new Promise<boolean>((resolve) => {
      settle = resolve
    })
    isAsking.value = false
    return isGiven ? work() : undefined
  }
  const answer = (isGiven: boolean): void => settle(isGiven)
  return { isAsking, withFactor, answer }
}
