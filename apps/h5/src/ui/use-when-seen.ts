import { onScopeDispose } from 'vue'

/** Two signs of the same return (focus and visibility) within this time count once. */
const pauseMs = 2_000

/** Runs whenever the person comes back to the page: from another app, another tab, or a locked phone. */
export function useWhenSeen(work: () => void): void {
  let lastAt = 0
  const seen = () => {
    if (document.visibilityState !== 'visible' || Date.now() - lastAt < pauseMs) return
    lastAt = Date.now()
    work()
  }
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('focus', seen)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('focus', seen)
  })
}
