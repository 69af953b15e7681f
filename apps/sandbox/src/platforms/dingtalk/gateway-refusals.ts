import { type Host, oldRefusal, type Reply, refusal } from './api.ts'
import type { DingtalkSettings } from './settings.ts'

/** What the gateway refuses before a call is processed (section 1.4 and 2 of the protocol notes). */
export type GatewayRefusal = 'invalid-token' | 'too-fast' | 'quota-used-up' | 'busy' | { missingScope: string }

const oldCodes = {
  'invalid-token': { errcode: 40014, errmsg: '不合法的access_token' },
  'too-fast': { errcode: 90018, errmsg: '您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了' },
  'quota-used-up': { errcode: 90020, errmsg: '企业本月的API调用量已用完' },
  busy: { errcode: -1, errmsg: '系统繁忙' },
}

/** The refusal in the words of the host that was called. */
export function refuseCall(host: Host, kind: GatewayRefusal, settings: DingtalkSettings): Reply {
  return host === 'oapi' ? refuseOnOldHost(kind, settings) : refuseOnNewHost(kind)
}

function refuseOnNewHost(kind: GatewayRefusal): Reply {
  if (typeof kind === 'object') {
    return refusal('Forbidden.AccessDenied.AccessTokenPermissionDenied', 403, '应用尚未开通所需的权限', {
      accessdenieddetail: { requiredScopes: [kind.missingScope] },
    })
  }
  switch (kind) {
    case 'invalid-token':
      return refusal('InvalidAuthentication', 400, '不合法的access_token')
    case 'too-fast':
      return refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403, '应用访问该接口的QPS超过限制')
    case 'quota-used-up':
      return refusal('Forbidden.AccessDenied.ApiCountLimitForOrg', 403, '企业本月的API调用量已用完')
    case 'busy':
      return refusal('system.busy', 500, '系统繁忙')
  }
}

function refuseOnOldHost(kind: GatewayRefusal, { oldHostRefusals }: DingtalkSettings): Reply {
  const { errcode, errmsg } =
    typeof kind === 'object'
      ? { errcode: 60011, errmsg: `没有调用该接口的权限，requiredScopes=[${kind.missingScope}]` }
      : oldCodes[kind]
  if (oldHostRefusals === 'plain' || errcode === -1) return oldRefusal(errcode, errmsg)
  return {
    status: 200,
    body: {
      errcode: 88,
      sub_code: String(errcode),
      sub_msg: errmsg,
      errmsg: `ding talk error[subcode=${errcode},submsg=${errmsg}]`,
    },
  }
}
