/** Runs after the page has painted and the thread is free; web views without idle callbacks wait a moment instead. */
export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 1_500 })
  else setTimeout(work, 200)
}

/** Runs as soon as what has just been rendered is on the screen. */
export function afterPaint(work: () => void): void {
  requestAnimationFrame(() => setTimeout(work))
}
