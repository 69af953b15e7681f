import { type ApiError, asApiError } from '@countersign/api-client'
import type { GuidedChannel, TrialView } from '@countersign/contracts'
import { onMounted, onUnmounted, ref, shallowRef } from 'vue'
import { api } from '../api.ts'
import { currentLocale } from '../i18n/i18n.ts'

/** Seconds: shorter than any call may take. */
const waitFor = 12
const tryAgainMs = 3_000

/** My last trial card through a channel, kept up to date by asking the server to answer when something changes. */
export function useTrial(channel: GuidedChannel, changed: () => void) {
  const trial = shallowRef<TrialView>()
  const error = shallowRef<ApiError>()
  const isLoading = ref(true)
  const isStarting = ref(false)
  let listening: AbortController | undefined

  /** Nothing more is to come once the card was answered, or its time is over. */
  const isOpen = (seen: TrialView | undefined): seen is TrialView => seen?.ticket.status === 'pending'

  async function listen(): Promise<void> {
    listening?.abort()
    const mine = new AbortController()
    listening = mine
    while (!mine.signal.aborted && isOpen(trial.value)) {
      const query = { known: trial.value.mark, timeout: waitFor, locale: currentLocale.value }
      try {
        const next = (await api.getTrial({ channel, query, signal: mine.signal })).trial
        if (mine.signal.aborted) return
        const isNew = next?.mark !== trial.value.mark
        trial.value = next ?? undefined
        error.value = undefined
        if (isNew) changed()
      } catch (thrown) {
        if (mine.signal.aborted) return
        error.value = asApiError(thrown)
        if (!error.value.isUnreachable && error.value.code !== 'timeout') return
        await new Promise((resolve) => setTimeout(resolve, tryAgainMs))
      }
    }
  }

  async function load(): Promise<void> {
    try {
      trial.value = (await api.getTrial({ channel, query: { locale: currentLocale.value } })).trial ?? undefined
      error.value = undefined
    } catch (thrown) {
      error.value = asApiError(thrown)
    } finally {
      isLoading.value = false
    }
    void listen()
  }

  async function start(): Promise<void> {
    isStarting.value = true
    error.value = undefined
    try {
      trial.value = await api.startTrial({ channel })
      changed()
    } catch (thrown) {
      error.value = asApiError(thrown)
    } finally {
      isStarting.value = false
    }
    void listen()
  }

  onMounted(load)
  onUnmounted(() => listening?.abort())
  return { trial, error, isLoading, isStarting, start }
}
