import { BridgeError } from './host.ts'

const loading = new Map<string, Promise<void>>()

/** Loads a platform's script once, or says in time that it did not come. */
export function loadScript(url: string, timeoutMs: number): Promise<void> {
  const known = loading.get(url)
  if (known !== undefined) return known
  const started = new Promise<void>((resolve, reject) => {
    const element = document.createElement('script')
    const timer = setTimeout(() => fail('The SDK did not load in time.'), timeoutMs)
    function fail(message: string): void {
      clearTimeout(timer)
      // A second attempt starts afresh.
      loading.delete(url)
      element.remove()
      reject(new BridgeError('unavailable', message))
    }
    element.src = url
    element.async = true
    element.onload = () => {
      clearTimeout(timer)
      resolve()
    }
    element.onerror = () => fail('The SDK could not be loaded.')
    document.head.appendChild(element)
  })
  loading.set(url, started)
  return started
}
