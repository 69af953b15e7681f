import type { Router } from 'vue-router'
import type { HostedPage } from './bridge/host.ts'

/** This page as the bars of a chat app see it. `isReady`: somebody is logged in, so that the route is on the screen. */
export function hostedPage(router: Router, isReady: () => boolean): HostedPage {
  return {
    watchTitle: (show) => {
      const tell = () => show(document.title)
      tell()
      new MutationObserver(tell).observe(document.head, { subtree: true, childList: true, characterData: true })
    },
    goBack: () => {
      // The list is the root, whatever lies before it in the history: a log-in page, or tickets that are done.
      if (!isReady() || router.currentRoute.value.name === 'list') return false
      if (typeof router.options.history.state.back === 'string') router.back()
      else void router.replace('/')
      return true
    },
  }
}
