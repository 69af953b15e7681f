/** Runs first in every page of a phone's web view: what a real web view differs in from a desktop browser. */
;(() => {
  const { wholeUserAgent, userAgent: added } = document.currentScript.dataset
  const userAgent = wholeUserAgent ?? `${navigator.userAgent} ${added}`
  Object.defineProperty(navigator, 'userAgent', { get: () => userAgent })
  if (window.parent === window) return
  const tell = () => window.parent.postMessage({ type: 'sandbox-web-view', title: document.title }, '*')
  window.addEventListener('DOMContentLoaded', () => {
    tell()
    new MutationObserver(tell).observe(document.head, { subtree: true, childList: true, characterData: true })
  })
  window.addEventListener('message', (event) => {
    if (event.source === window.parent && event.data?.type === 'sandbox-web-view-back') history.back()
  })
})()
