import { type Bridge, BridgeError, type HostedPage } from './host.ts'
import { withLimit } from './with-limit.ts'

/** What we use of DingTalk's JSAPI (npm dingtalk-jsapi, "load on demand"). None of it needs `dd.config`. */
export interface DingtalkCalls {
  requestCode: (request: { corpId: string; clientId: string }) => Promise<{ code: string }>
  /** The same on clients before 7.0.45, which know the app by the page's domain. */
  requestCodeFromOld: (request: { corpId: string }) => Promise<{ code: string }>
  setTitle: (request: { title: string }) => Promise<unknown>
  /** `onSuccess` is called for each tap on the left button. */
  setLeft: (request: { control: true; text: string; onSuccess: () => void }) => Promise<unknown>
  close: () => Promise<unknown>
}

/** The client answers from the phone itself; a page whose bridge never comes must not keep the person waiting. */
const answerTimeoutMs = 8_000

/** Of a refused call: `errorCode` and `errorMessage`, on computers a plain error. */
function describe(refusal: unknown): string {
  if (typeof refusal !== 'object' || refusal === null) return String(refusal)
  const { errorCode, errorMessage, message } = refusal as Record<string, unknown>
  return [errorCode, errorMessage ?? message].filter((part) => part !== undefined).join(' ')
}

async function askForCode(call: Promise<{ code: string }>): Promise<string> {
  const answer = await withLimit<unknown>(answerTimeoutMs, (resolve, reject) => {
    call.then(resolve, (refusal: unknown) => reject(new BridgeError('refused', describe(refusal), refusal)))
  })
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : undefined
  if (typeof code !== 'string' || code === '') throw new BridgeError('refused', 'The client answered without a code.')
  return code
}

/** Only the phone's own bars are asked for; a client that does not know a call keeps what it shows. */
const ifKnown = (call: Promise<unknown>): void => {
  call.catch(() => undefined)
}

/** Silent log-in inside DingTalk, both editions, and its bars: the title, the back button, the way out. */
export function dingtalkBridge(
  calls: DingtalkCalls,
  client: { isIos: boolean; events: Pick<EventTarget, 'addEventListener'> },
): Bridge {
  return {
    async requestCode({ appId, corpId }) {
      if (corpId === null) throw new BridgeError('unavailable', 'The channel has no organisation.')
      try {
        return await askForCode(calls.requestCode({ corpId, clientId: appId }))
      } catch (thrown) {
        // What an old client answers to the newer call is not documented; asking once more costs nothing.
        if (!(thrown instanceof BridgeError) || thrown.code !== 'refused') throw thrown
        return askForCode(calls.requestCodeFromOld({ corpId }))
      }
    },

    followPage(page) {
      page.watchTitle((title) => ifKnown(calls.setTitle({ title })))
      const back = () => goBack(page, calls)
      // Elsewhere it is not documented that the answer to the call and a tap are told apart.
      if (client.isIos) ifKnown(calls.setLeft({ control: true, text: '', onSuccess: back }))
      // The key of Android phones.
      client.events.addEventListener('backbutton', (event) => {
        event.preventDefault()
        back()
      })
    },
  }
}

function goBack(page: HostedPage, calls: DingtalkCalls): void {
  if (!page.goBack()) ifKnown(calls.close())
}
