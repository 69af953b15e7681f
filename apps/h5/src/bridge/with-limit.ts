import { BridgeError } from './host.ts'

/** An answer of the host, or BridgeError `unavailable` when none comes within `limitMs`. */
export function withLimit<Value>(
  limitMs: number,
  start: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BridgeError('unavailable', `No answer within ${limitMs} ms.`)), limitMs)
    start(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
