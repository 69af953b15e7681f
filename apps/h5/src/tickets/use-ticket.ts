import { type ApiError, acceptAnswer, asApiError, readResponse } from '@countersign/api-client'
import type { TicketDetail } from '@countersign/contracts'
import { ref, shallowRef } from 'vue'
import { api, firstScreenApi } from '../api.ts'
import { takeStarted } from '../boot/started.ts'
import { useWhenSeen } from '../ui/use-when-seen.ts'

async function readTicket(id: string): Promise<TicketDetail> {
  const started = takeStarted('ticket')
  if (started === undefined || started.id !== id) return firstScreenApi.getMyTicket({ id })
  const answer = await readResponse(await started.response)
  // Asked before the log-in was finished: ask again now.
  if (answer.status === 401) return firstScreenApi.getMyTicket({ id })
  return acceptAnswer('getMyTicket', answer) as TicketDetail
}

/**
 * One ticket on the screen. It follows the server quietly whenever the page is looked at again, and says so when what
 * the person has read is no longer what they would approve.
 */
export function useTicket(id: string) {
  const ticket = shallowRef<TicketDetail>()
  const error = shallowRef<ApiError>()
  /** The content differs from what was on the screen before. */
  const hasChanged = ref(false)

  function take(next: TicketDetail): void {
    if (ticket.value !== undefined && ticket.value.contentHash !== next.contentHash) hasChanged.value = true
    ticket.value = next
    error.value = undefined
  }

  async function load(): Promise<void> {
    error.value = undefined
    try {
      take(await readTicket(id))
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  /** Without a trace on the screen when it fails: what stands there may be old, and a decision on it is refused. */
  async function refresh(): Promise<void> {
    try {
      take(await api.getMyTicket({ id }))
    } catch (thrown) {
      const problem = asApiError(thrown)
      if (problem.status === 404) error.value = problem
    }
  }

  useWhenSeen(() => {
    if (ticket.value !== undefined) void refresh()
  })

  return { ticket, error, hasChanged, load, refresh, take }
}
