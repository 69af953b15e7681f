import { createRouter, createWebHashHistory } from 'vue-router'
import { leadsToSettings, ticketOf } from './boot/entry.ts'
import { loadSettings, loadTicketPage } from './lazy.ts'
import TicketListPage from './tickets/TicketListPage.vue'

/**
 * A link from a card opens the ticket, one from a mail the settings, and going back leads to the list: the list is put
 * into the history first.
 * The page's own path and query stay as they are, for the OAuth redirect URI and the SDKs of the platforms.
 */
export function openLinkedPage(): void {
  if (location.hash !== '') return
  const ticket = ticketOf(location.search, '')
  if (ticket === undefined && !leadsToSettings(location.search, '')) return
  const here = `${location.pathname}${location.search}`
  const path = ticket === undefined ? '/settings' : `/ticket/${encodeURIComponent(ticket)}`
  // In the router's own terms (its StateEntry), so that it knows what lies behind.
  const entry = { back: null, current: '/', forward: path, replaced: true, position: 0, scroll: null }
  history.replaceState(entry, '', `${here}#/`)
  const ahead = { back: '/', current: path, forward: null, replaced: false, position: 1, scroll: null }
  history.pushState(ahead, '', `${here}#${path}`)
}

export const createAppRouter = () =>
  createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'list', component: TicketListPage },
      { path: '/ticket/:id', name: 'ticket', component: loadTicketPage, props: true },
      { path: '/settings', name: 'settings', component: async () => (await loadSettings()).SettingsPage },
      {
        path: '/settings/:channel',
        name: 'settings-channel',
        component: async () => (await loadSettings()).ChannelPage,
        props: true,
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
