import { asApiError } from '@countersign/api-client'
import type { DeliveryState, LiveDeliveries, TenantDelivery } from '@countersign/contracts'
import { onMounted, onUnmounted, type Ref, ref } from 'vue'
import { mergeLive, newestAsked } from './merge-live.ts'

/** While something is on its way, and when nothing is. */
const soonMs = 2_000
const laterMs = 10_000
const longestMs = 60_000
/** So long after somebody did something the list is looked at often. */
const attentiveMs = 30_000
const mostFollowed = 100

export interface LiveOptions {
  items: Ref<TenantDelivery[]>
  /** Asks for what has changed. */
  ask: (query: { known?: string; ids?: string }) => Promise<LiveDeliveries>
  /** More has come than fits between what is shown and what is new. */
  reload: () => Promise<void>
}

export interface Live {
  /** False while the page is hidden, or the server does not answer. */
  isLive: Ref<boolean>
  /** Looks now, and often for a while: something was done. */
  attend(): void
  /** The list was read anew: what was known of it is void. */
  restart(): void
}

const isMoving = (state: DeliveryState): boolean => state === 'queued' || state === 'sending'

/**
 * Keeps a list of deliveries as the server has it, by asking again and again: it works through every proxy, renews the
 * session like every other request, and holds no connection. A page that nobody looks at does not ask.
 */
export function useLive({ items, ask, reload }: LiveOptions): Live {
  const isLive = ref(true)
  let tag: string | undefined
  /** Rows that the newest no longer hold although they lie among them: they are asked for by their ids. */
  let strayed = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let waitMs = soonMs
  let attentiveUntil = 0
  let turn = 0

  function followed(): string[] {
    const beyond = items.value.slice(newestAsked).filter(({ state }) => isMoving(state))
    return [...new Set([...strayed, ...beyond.map(({ id }) => id)])].slice(0, mostFollowed)
  }

  async function look(): Promise<void> {
    clearTimeout(timer)
    if (document.hidden) {
      isLive.value = false
      return
    }
    turn += 1
    const mine = turn
    try {
      const ids = followed().join(',')
      const found = await ask({ ...(tag === undefined ? {} : { known: tag }), ...(ids === '' ? {} : { ids }) })
      if (mine !== turn) return
      isLive.value = true
      take(found)
      const isBusy = Date.now() < attentiveUntil || items.value.some(({ state }) => isMoving(state))
      waitMs = isBusy ? soonMs : laterMs
    } catch (thrown) {
      if (mine !== turn) return
      isLive.value = false
      // Whoever is logged out is led to the log-in page; all else may pass.
      if (asApiError(thrown).code === 'no_session') return
      waitMs = Math.min(waitMs * 2, longestMs)
    }
    schedule()
  }

  function take({ tag: fresh, newest, others }: LiveDeliveries): void {
    const isSame = fresh === tag
    tag = fresh
    if (isSame || newest === null) return
    const merged = mergeLive(items.value, newest, others ?? [])
    if (merged === null) {
      reload()
      return
    }
    items.value = merged.items
    strayed = new Set(merged.strayed)
  }

  function schedule(): void {
    clearTimeout(timer)
    timer = setTimeout(look, waitMs)
  }

  const onVisibility = (): void => {
    if (document.hidden) isLive.value = false
    else look()
  }
  onMounted(() => {
    document.addEventListener('visibilitychange', onVisibility)
    schedule()
  })
  onUnmounted(() => {
    document.removeEventListener('visibilitychange', onVisibility)
    clearTimeout(timer)
    turn += 1
  })

  return {
    isLive,
    attend() {
      attentiveUntil = Date.now() + attentiveMs
      look()
    },
    restart() {
      turn += 1
      tag = undefined
      strayed = new Set()
      waitMs = soonMs
      schedule()
    },
  }
}
