import 'dingtalk-jsapi/entry/union.js'
import { close$ } from 'dingtalk-jsapi/api/biz/navigation/close.js'
import { setLeft$ } from 'dingtalk-jsapi/api/biz/navigation/setLeft.js'
import { setTitle$ } from 'dingtalk-jsapi/api/biz/navigation/setTitle.js'
import { requestAuthCode$ as requestCodeFromOld } from 'dingtalk-jsapi/api/runtime/permission/requestAuthCode.js'
import { requestAuthCode$ as requestCode } from 'dingtalk-jsapi/api/union/requestAuthCode.js'
import { type DingtalkCalls, dingtalkBridge } from './dingtalk-bridge.ts'
import type { Bridge } from './host.ts'

const jsapi: DingtalkCalls = {
  requestCode,
  requestCodeFromOld,
  setTitle: setTitle$,
  setLeft: setLeft$,
  close: () => close$({}),
}

/** The bridge over DingTalk's own package, of which only the calls above are loaded. */
export const openDingtalk = (): Bridge =>
  dingtalkBridge(jsapi, { isIos: /iPhone|iPad/.test(navigator.userAgent), events: document })
