/**
 * What the inline script has begun before the app's bundle arrived. The app takes each answer once; a promise here
 * may reject, and then the app asks again itself.
 */
export interface Boot {
  locale: string
  session?: Promise<Response>
  /** The end of a log-in by redirect. */
  login?: Promise<Response>
  /** Asked for as soon as the session turned out to be missing. */
  loginOptions?: Promise<Response | undefined>
  ticket?: { id: string; response: Promise<Response> }
}

declare global {
  interface Window {
    __boot?: Boot
  }
}

/** Hands out what was started, once. */
export function takeStarted<Key extends 'session' | 'login' | 'loginOptions' | 'ticket'>(
  key: Key,
): Boot[Key] | undefined {
  const started = window.__boot?.[key]
  if (window.__boot !== undefined) delete window.__boot[key]
  return started
}
