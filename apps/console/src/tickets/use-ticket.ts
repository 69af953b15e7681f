import { type ApiError, asApiError } from '@countersign/api-client'
import type { CardLedger, DeliveryView, TicketDetail } from '@countersign/contracts'
import { ref, shallowRef, watch } from 'vue'
import { api } from '../api.ts'
import { useRefresh } from '../ui/use-refresh.ts'

const refreshEveryMs = 10_000

/**
 * One ticket on the screen, for overseers with its deliveries and cards. It follows the server while it is looked at, and
 * says so when what the person has read is no longer what they would approve.
 */
export function useTicket(idOf: () => string, isOverseer: () => boolean) {
  const ticket = shallowRef<TicketDetail>()
  const deliveries = shallowRef<DeliveryView[]>()
  const ledger = shallowRef<CardLedger>()
  const error = shallowRef<ApiError>()
  const hasChanged = ref(false)

  function show(next: TicketDetail): void {
    const before = ticket.value
    if (before?.id === next.id && before.contentHash !== next.contentHash) hasChanged.value = true
    ticket.value = next
  }

  async function read(id: string): Promise<void> {
    const [found, sent, cards] = await Promise.all([
      api.getMyTicket({ id }),
      isOverseer() ? api.listTicketDeliveries({ id }) : undefined,
      isOverseer() ? api.listTicketCards({ id }) : undefined,
    ])
    if (id !== idOf()) return
    show(found)
    deliveries.value = sent?.items
    ledger.value = cards
    error.value = undefined
  }

  async function load(): Promise<void> {
    error.value = undefined
    try {
      await read(idOf())
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  /** Without a trace on the screen when it fails: what stands there may be old, and a decision on it is refused. */
  async function refresh(): Promise<void> {
    if (ticket.value === undefined) return
    try {
      await read(idOf())
    } catch (thrown) {
      if (asApiError(thrown).status === 404) error.value = asApiError(thrown)
    }
  }

  /** What an action of this person's own has made of it. */
  function take(changed: TicketDetail): void {
    show(changed)
    void refresh()
  }

  watch(
    idOf,
    () => {
      ticket.value = undefined
      hasChanged.value = false
      void load()
    },
    { immediate: true },
  )
  useRefresh(refresh, refreshEveryMs)

  return { ticket, deliveries, ledger, error, hasChanged, load, take }
}
