import { onBeforeUnmount, onMounted } from 'vue'

/**
 * Does something again and again while the page is on the screen, and at once when it is looked at again. Each time begins
 * when the last is through, so that a slow server is not asked twice at the same time.
 */
export function useRefresh(refresh: () => Promise<void>, everyMs: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  const plan = (): void => {
    clearTimeout(timer)
    if (!isOver && document.visibilityState === 'visible') timer = setTimeout(run, everyMs)
  }
  const run = (): void => {
    void refresh().finally(plan)
  }
  const look = (): void => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') run()
  }

  onMounted(() => {
    document.addEventListener('visibilitychange', look)
    plan()
  })
  onBeforeUnmount(() => {
    isOver = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })
}
