import { type ApiError, asApiError } from '@countersign/api-client'
import type { TabCounts, TicketDetail, TicketSummary, TicketSummaryPage, TicketTab } from '@countersign/contracts'
import { defineStore } from 'pinia'
import { reactive, ref, shallowRef } from 'vue'
import { api } from '../api.ts'

/** The tabs in the order of the page. */
export const ticketTabs = ['pending', 'done', 'submitted', 'cc'] as const satisfies readonly TicketTab[]

/** One tab as far as it has been read. */
export interface TicketList {
  items: TicketSummary[]
  nextCursor: string | null
  /** `fresh` has a first page; `stale` shows one and asks for a newer. */
  state: 'empty' | 'loading' | 'fresh' | 'stale'
  error: ApiError | undefined
  scrollTop: number
}

const emptyList = (): TicketList => ({ items: [], nextCursor: null, state: 'empty', error: undefined, scrollTop: 0 })
const emptyCounts: TabCounts = { pending: 0, done: 0, submitted: 0, cc: 0 }
const pageSize = 20

/** The lists of tickets, kept while the person reads a ticket, so that going back is instant. */
export const useTicketLists = defineStore('ticket-lists', () => {
  const lists = reactive<Record<TicketTab, TicketList>>({
    pending: emptyList(),
    done: emptyList(),
    submitted: emptyList(),
    cc: emptyList(),
  })
  const counts = ref<TabCounts>(emptyCounts)
  const tab = ref<TicketTab>('pending')
  const search = ref('')
  const owner = shallowRef('')
  // An answer that was asked for before the search or the person changed is of no use.
  let generation = 0

  function clear(): void {
    generation += 1
    for (const name of ticketTabs) Object.assign(lists[name], emptyList())
    counts.value = emptyCounts
    tab.value = 'pending'
    search.value = ''
  }

  function takePage(name: TicketTab, page: TicketSummaryPage): void {
    Object.assign(lists[name], { items: page.items, nextCursor: page.nextCursor, state: 'fresh', error: undefined })
    counts.value = page.counts
  }

  /** The newest rows could not be had; those on the screen stay, and say so. */
  function failed(name: TicketTab, error: ApiError): void {
    Object.assign(lists[name], { state: 'fresh', error })
  }

  /** The session's answer already carries the pending tab's first page. */
  function takeFirstPage(person: string, page: TicketSummaryPage): void {
    if (owner.value !== person) clear()
    owner.value = person
    takePage('pending', page)
  }

  async function refresh(name: TicketTab = tab.value): Promise<void> {
    const asked = generation
    const list = lists[name]
    list.state = list.items.length > 0 ? 'stale' : 'loading'
    try {
      const page = await api.listMyTickets({ query: { tab: name, limit: pageSize, q: search.value } })
      if (asked === generation) takePage(name, page)
    } catch (thrown) {
      if (asked === generation) failed(name, asApiError(thrown))
    }
  }

  async function loadMore(name: TicketTab = tab.value): Promise<void> {
    const asked = generation
    const list = lists[name]
    if (list.nextCursor === null) return
    try {
      const query = { tab: name, limit: pageSize, q: search.value, cursor: list.nextCursor }
      const page = await api.listMyTickets({ query })
      if (asked !== generation) return
      const known = new Set(list.items.map((ticket) => ticket.id))
      list.items.push(...page.items.filter((ticket) => !known.has(ticket.id)))
      list.nextCursor = page.nextCursor
      list.error = undefined
    } catch (thrown) {
      if (asked === generation) list.error = asApiError(thrown)
    }
  }

  function show(name: TicketTab): void {
    tab.value = name
    if (lists[name].state === 'empty') void refresh(name)
  }

  /** Searches the tab on the screen; the other tabs are asked for anew when they are shown. */
  async function searchFor(text: string): Promise<void> {
    if (text === search.value) return
    generation += 1
    search.value = text
    for (const name of ticketTabs)
      Object.assign(lists[name], { ...emptyList(), items: name === tab.value ? lists[name].items : [] })
    await refresh()
  }

  /** A ticket changed under the person's hand: rows follow at once, the server's order comes with the next refresh. */
  function apply(ticket: TicketDetail): void {
    const pending = lists.pending
    const index = pending.items.findIndex((row) => row.id === ticket.id)
    if (index >= 0 && !ticket.permissions.decide.allowed) {
      pending.items.splice(index, 1)
      if (counts.value.pending < 1_000)
        counts.value = { ...counts.value, pending: Math.max(0, counts.value.pending - 1) }
    }
    for (const name of ticketTabs) {
      const row = lists[name].items.find((candidate) => candidate.id === ticket.id)
      if (row !== undefined) Object.assign(row, summaryOf(ticket))
      if (name !== 'pending' && lists[name].state === 'fresh') lists[name].state = 'empty'
    }
  }

  return { lists, counts, tab, search, clear, takeFirstPage, failed, refresh, loadMore, show, searchFor, apply }
})

const summaryOf = (ticket: TicketDetail): Partial<TicketSummary> => ({
  title: ticket.title,
  risk: ticket.risk,
  status: ticket.status,
  updatedAt: ticket.updatedAt,
  node: ticket.node,
  myDecision: ticket.myDecision,
})
