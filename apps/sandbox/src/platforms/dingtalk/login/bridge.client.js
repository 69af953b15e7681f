/**
 * The bridge that DingTalk's iPhone client puts into its web views; `dingtalk-jsapi` calls it by the dotted names of its
 * APIs. Answers come from this page's own address, where the phone listens.
 */
;(() => {
  const frame = window.parent === window ? undefined : window.parent
  /** What the phone around the page does itself. */
  const atPhone = {
    'biz.navigation.setTitle': ({ title }) => frame?.postMessage({ type: 'sandbox-web-view', title }, '*'),
    'biz.navigation.close': () => frame?.postMessage({ type: 'sandbox-bridge', operation: 'closeWindow' }, '*'),
    'biz.navigation.goBack': () => history.back(),
  }

  const handlers = new Map()
  const setLeft = 'biz.navigation.setLeft'
  /** The page has taken over what a tap on the left button does. */
  let isLeftTaken = false
  const takeTap = (event) => {
    if (event.source !== frame || event.data?.type !== 'sandbox-web-view-back' || !isLeftTaken) return
    event.stopImmediatePropagation()
    handlers.get(setLeft)?.({}, () => undefined)
  }
  if (frame !== undefined) window.addEventListener('message', takeTap)

  async function callHandler(name, params, callback) {
    atPhone[name]?.(params ?? {})
    if (name === setLeft) isLeftTaken = params?.control === true
    try {
      const response = await fetch('/__sandbox/bridge', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, params, url: location.href }),
      })
      callback?.(await response.json())
    } catch (error) {
      callback?.({ errorCode: '2', errorMessage: `The client cannot be reached: ${error.message}` })
    }
  }

  window.WebViewJavascriptBridge = {
    init() {},
    registerHandler: (name, handler) => void handlers.set(name, handler),
    callHandler,
  }
})()
