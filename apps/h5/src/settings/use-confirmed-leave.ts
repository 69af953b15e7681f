import { computed, onMounted, onUnmounted, type Ref, shallowRef } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/**
 * Asks before a page is left on which something would be lost: by its own buttons, by the phone's back gesture, or by
 * closing the page, where the browser asks in its own words.
 */
export function useConfirmedLeave(wouldLose: Readonly<Ref<boolean>>, discard: () => void) {
  const pending = shallowRef<(mayLeave: boolean) => void>()

  function answer(mayLeave: boolean): void {
    const resolve = pending.value
    pending.value = undefined
    if (resolve === undefined) return
    if (mayLeave) discard()
    resolve(mayLeave)
  }

  const ask = (): boolean | Promise<boolean> => {
    if (!wouldLose.value) return true
    // Going back once more while the question stands is not an answer to it.
    pending.value?.(false)
    return new Promise((resolve) => {
      pending.value = resolve
    })
  }
  onBeforeRouteLeave(ask)
  onBeforeRouteUpdate(ask)

  const askTheBrowser = (event: BeforeUnloadEvent) => {
    if (wouldLose.value) event.preventDefault()
  }
  onMounted(() => addEventListener('beforeunload', askTheBrowser))
  onUnmounted(() => removeEventListener('beforeunload', askTheBrowser))

  return { isAsking: computed(() => pending.value !== undefined), answer }
}
