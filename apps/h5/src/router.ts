import { createRouter, createWebHashHistory } from 'vue-router'
import { ticketOf } from './boot/entry.ts'
import { loadTicketPage } from './lazy.ts'
import TicketListPage from './tickets/TicketListPage.vue'

/**
 * A link from a card opens the ticket, and going back leads to the list: the list is put into the history first.
 * The page's own path and query stay as they are, for the OAuth redirect URI and the SDKs of the platforms.
 */
export function openLinkedTicket(): void {
  if (location.hash !== '') return
  const ticket = ticketOf(location.search, '')
  if (ticket === undefined) return
  const here = `${location.pathname}${location.search}`
  history.replaceState(null, '', `${here}#/`)
  history.pushState(null, '', `${here}#/ticket/${encodeURIComponent(ticket)}`)
}

export const createAppRouter = () =>
  createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'list', component: TicketListPage },
      { path: '/ticket/:id', name: 'ticket', component: loadTicketPage, props: true },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
