/**
 * What the platform's JS SDK gives a page inside the client: `window.h5sdk` and `window.tt`, as far as documented.
 * A page in a phone's frame asks the phone (postMessage); a page of its own asks this origin by script tags, because
 * a page's content policy allows scripts of this origin but no requests to it.
 */
;(() => {
  const home = new URL('bridge', document.currentScript.src)
  const isInPhone = window.parent !== window && window.name.startsWith('sandbox-phone:')
  const waiting = new Map()
  const errorListeners = []
  let lastId = 0
  let configured = []

  window.addEventListener('message', (event) => {
    const answer = event.data
    if (event.source !== window.parent || !answer || answer.type !== 'sandbox-bridge-answer') return
    waiting.get(answer.id)?.(answer.result)
    waiting.delete(answer.id)
  })

  function ask(operation, input) {
    lastId += 1
    const id = `sandboxBridge${lastId}`
    const url = location.href
    return new Promise((resolve) => {
      if (isInPhone) {
        waiting.set(id, resolve)
        window.parent.postMessage({ type: 'sandbox-bridge', id, operation, input, url }, '*')
        return
      }
      const script = document.createElement('script')
      const finish = (result) => {
        delete window[id]
        script.remove()
        resolve(result)
      }
      window[id] = finish
      script.onerror = () => finish({ errno: 2601002, errString: 'the client cannot be reached' })
      script.src = `${home}?${new URLSearchParams({ operation, input: JSON.stringify(input), url, callback: id })}`
      document.head.append(script)
    })
  }

  function operation(name, { needsConfig } = {}) {
    return (options = {}) => {
      const { success, fail, complete, ...input } = options
      const outcome =
        needsConfig && !configured.includes(name)
          ? Promise.resolve({ errno: 333445, errString: `${name} is not in jsApiList` })
          : ask(name, input)
      outcome.then((result) => {
        if (result.errno === undefined) success?.(result)
        else fail?.({ ...result, errMsg: result.errString })
        complete?.(result)
      })
    }
  }

  window.tt = {
    requestAccess: operation('requestAccess'),
    requestAuthCode: operation('requestAuthCode'),
    closeWindow: (options = {}) => {
      options.success?.({})
      if (isInPhone) ask('closeWindow', {})
      else window.close()
    },
    getSystemInfo: operation('getSystemInfo', { needsConfig: true }),
  }

  window.h5sdk = {
    ready: (callback) => queueMicrotask(callback),
    error: (callback) => errorListeners.push(callback),
    config: ({ jsApiList = [], onSuccess, onFail, ...input }) => {
      ask('config', input).then((result) => {
        if (result.errno === undefined) {
          configured = jsApiList
          onSuccess?.(result)
          return
        }
        onFail?.(result)
        for (const listener of errorListeners) listener(result)
      })
    },
  }
})()
