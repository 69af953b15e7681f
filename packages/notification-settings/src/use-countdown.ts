import { computed, onScopeDispose, type Ref, ref } from 'vue'

/** Seconds until a moment (milliseconds since 1970), going down to 0 while the page is open. */
export function useCountdown(until: Ref<number>): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    now.value = Date.now()
  }, 1_000)
  onScopeDispose(() => clearInterval(timer))
  // The clock of this page may be up to a second behind the moment that has just been set.
  return computed(() => Math.max(0, Math.ceil((until.value - Math.max(now.value, Date.now())) / 1_000)))
}
