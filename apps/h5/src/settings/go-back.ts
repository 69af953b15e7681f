import type { Router } from 'vue-router'

/** Back to where the person came from; `parent` where this page was opened first, by a link from elsewhere. */
export function goBack(router: Router, parent: string): void {
  if (typeof router.options.history.state.back === 'string') router.back()
  else void router.replace(parent)
}
