import { asApiError } from '@countersign/api-client'
import type { Decide, TicketDetail, TicketSummary } from '@countersign/contracts'
import { type Ref, ref, shallowRef } from 'vue'
import { api } from '../api.ts'
import { hasMessage, t } from '../i18n/i18n.ts'
import { useSession } from '../session/session-store.ts'
import { useTicketLists } from './ticket-lists-store.ts'

type Action = Decide['action']

/** Why a decision was not taken, in words for the person. */
export function refusalText(code: string): string {
  const key = `refusal.${code}`
  if (hasMessage(key)) return t(key)
  return code === 'network' || code === 'timeout' ? t('decide.noAnswer') : t('page.server')
}

/** Approving or rejecting the ticket on the screen. */
export function useDecision(
  ticket: Ref<TicketDetail | undefined>,
  page: { take: (next: TicketDetail) => void; refresh: () => Promise<void> },
) {
  const tickets = useTicketLists()
  const session = useSession()
  const isSending = ref(false)
  /** The decision that was just recorded. */
  const done = ref<Action>()
  const refusal = ref('')
  const next = shallowRef<TicketSummary>()

  /** False when no answer came and the same decision may be sent once more, with all that was written for it. */
  async function decide(action: Action, given: { comment?: string; confirmed?: boolean } = {}): Promise<boolean> {
    const current = ticket.value
    if (current === undefined || isSending.value) return true
    isSending.value = true
    refusal.value = ''
    try {
      const body: Decide = {
        action,
        contentHash: current.contentHash,
        node: current.node.index,
        ...(given.comment ? { comment: given.comment } : {}),
        ...(given.confirmed ? { confirmed: true } : {}),
      }
      recorded(action, await api.decide({ id: current.id, body }))
      return true
    } catch (thrown) {
      const error = asApiError(thrown)
      await refused(action, error.code, current)
      const isAnswered = !error.isUnreachable && error.status < 500
      return isAnswered || ticket.value?.permissions.decide.allowed !== true
    } finally {
      isSending.value = false
    }
  }

  function recorded(action: Action, result: TicketDetail): void {
    page.take(result)
    tickets.apply(result)
    done.value = action
    navigator.vibrate?.(12)
    void findNext(result.id)
  }

  /** What this person has decided on the step that was open when they were asked. */
  const mineOn = (step: number, { nodes }: TicketDetail) =>
    nodes[step]?.approvers.find(({ uid }) => uid === session.session?.user.uid)?.decision

  async function refused(action: Action, code: string, asked: TicketDetail): Promise<void> {
    await page.refresh()
    const current = ticket.value
    if (current !== undefined) {
      const step = asked.node.index
      // The attempt did arrive although its answer was lost on the way: that is a success.
      if (mineOn(step, asked) === null && mineOn(step, current) === action) return recorded(action, current)
      tickets.apply(current)
    }
    refusal.value = refusalText(code)
    navigator.vibrate?.([20, 60, 20])
  }

  async function findNext(id: string): Promise<void> {
    try {
      const page = await api.listMyTickets({ query: { tab: 'pending', limit: 2 } })
      next.value = page.items.find((candidate) => candidate.id !== id)
      tickets.counts = page.counts
    } catch {
      // Only an offer: without it the way back to the list remains.
      next.value = tickets.lists.pending.items.find((candidate) => candidate.id !== id)
    }
  }

  return { isSending, done, refusal, next, decide }
}
