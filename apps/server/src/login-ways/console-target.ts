import { consolePage } from '#server/session/login.ts'

/** A page of the console to come back to; the first one for whatever is none, so that a log-in leads nowhere else. */
export function consoleTarget(page: string): string {
  return consolePage.test(page) ? page : '/'
}
