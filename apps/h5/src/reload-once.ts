import { createRedirectGuard } from './session/redirect-guard.ts'

/**
 * A part of the app is gone because a newer release is out: the page loads again and has it. Not twice within a
 * minute, and not offline, where the page at hand is better than none.
 */
export function reloadWhenOutdated(): void {
  const guard = createRedirectGuard(() => sessionStorage, Date.now, 'countersign.reloaded')
  addEventListener('vite:preloadError', () => {
    if (!navigator.onLine || !guard.mayRedirect()) return
    guard.redirected()
    location.reload()
  })
}
