import { type Bridge, BridgeError } from './host.ts'
import { loadScript } from './load-script.ts'
import { withLimit } from './with-limit.ts'

/** What we use of the H5 SDK of Lark and Feishu (open.larksuite.com, develop web apps; JSAPI requestAccess). */
interface Refusal {
  errno?: number
  errCode?: number
  errString?: string
  errMsg?: string
}
interface CodeRequest {
  success: (answer: { code: string }) => void
  fail: (refusal: Refusal) => void
}
export interface LarkWindow {
  h5sdk?: { ready: (callback: () => void) => void; error?: (callback: (refusal: unknown) => void) => void }
  tt?: {
    requestAccess?: (request: CodeRequest & { appID: string; scopeList: string[] }) => void
    requestAuthCode?: (request: CodeRequest & { appId: string }) => void
  }
}

declare global {
  // What the SDK's script defines.
  interface Window extends LarkWindow {}
}

/** The SDK comes from the platform's own servers: another connection, so give up early enough for the redirect. */
export const sdkTimeoutMs = 4_000
/** Silent for basic identity; a client that shows something first still answers well within this. */
const answerTimeoutMs = 15_000
/** `requestAccess` answers this on clients before 6.9, which know only the older call. */
const clientTooOld = 103

const describe = (refusal: Refusal): string =>
  `${refusal.errno ?? refusal.errCode ?? ''} ${refusal.errString ?? refusal.errMsg ?? ''}`.trim()

function requestAuthCode(host: LarkWindow, appId: string): Promise<string> {
  return withLimit(answerTimeoutMs, (resolve, reject) => {
    if (host.tt?.requestAuthCode === undefined) return reject(new BridgeError('unavailable', 'The SDK has no log-in.'))
    host.tt.requestAuthCode({
      appId,
      success: ({ code }) => resolve(code),
      fail: (refusal) => reject(new BridgeError('refused', describe(refusal))),
    })
  })
}

/** Silent log-in inside Lark and Feishu: `requestAccess`, on old clients `requestAuthCode`. No scopes, so no prompt. */
export function larkBridge(host: LarkWindow, load: typeof loadScript = loadScript): Bridge {
  return {
    async requestCode(channel) {
      if (channel.jsSdkUrl === null) throw new BridgeError('unavailable', 'The channel has no SDK address.')
      if (host.h5sdk === undefined) await load(channel.jsSdkUrl, sdkTimeoutMs)
      await withLimit<void>(sdkTimeoutMs, (resolve, reject) => {
        if (host.h5sdk === undefined) return reject(new BridgeError('unavailable', 'The SDK is not there.'))
        host.h5sdk.ready(() => resolve())
      })
      const first = await withLimit<{ code: string } | 'too-old'>(answerTimeoutMs, (resolve, reject) => {
        if (host.tt?.requestAccess === undefined) return resolve('too-old')
        host.tt.requestAccess({
          appID: channel.appId,
          scopeList: [],
          success: resolve,
          fail: (refusal) =>
            refusal.errno === clientTooOld ? resolve('too-old') : reject(new BridgeError('refused', describe(refusal))),
        })
      })
      return first === 'too-old' ? requestAuthCode(host, channel.appId) : first.code
    },
  }
}
