import { onScopeDispose, type Ref, ref } from 'vue'

/** The time, moving on every half minute: ages on the screen stay true while the page lies open. */
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
  }, 30_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
