import { ref } from 'vue'

/** Runs after the page has painted and the thread is free; web views without idle callbacks wait a moment instead. */
export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 1_500 })
  else setTimeout(work, 200)
}

/**
 * Whether the first screen is on the glass. What it can do without for one frame waits for this: the rows below the
 * fold, and ages in words, whose first use makes the browser load its language data (a quarter of all work until then).
 */
export const hasPainted = ref(false)

/** Called once the app is mounted. */
export function notePaint(): void {
  // The first callback comes before the paint, the second with the frame after it.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      hasPainted.value = true
    }),
  )
}
