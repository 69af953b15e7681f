import { callbackAddress } from '#server/channels/callback-address.ts'
import type { CallbackRegistration } from '#server/channels/channel.ts'
import type { DingtalkClient } from './client.ts'
import { Registered } from './wire.ts'

export interface RegistrationApp {
  appKey: string
  /** Signs every callback; without one the platform signs nothing and we believe nothing. */
  callbackSecret: string
  callbackRouteKey: string
}

/** One key, one address: the same for all cards of the app, so that cards sent before follow a new address. */
export function routeKey(appKey: string): string {
  return `countersign-${appKey}`
}

/**
 * Tells the platform where taps go. It answers with what it has on record and changes nothing that is there, unless
 * asked to. Document: register a card callback address.
 */
export async function registerCallback(
  client: DingtalkClient,
  app: RegistrationApp,
  publicUrl: string,
  { replace }: { replace: boolean },
): Promise<CallbackRegistration> {
  const callbackUrl = callbackAddress(publicUrl, 'dingtalk', app.appKey, 'card')
  const register = async (forceUpdate: boolean) => {
    const body = { callbackRouteKey: app.callbackRouteKey, callbackUrl, apiSecret: app.callbackSecret, forceUpdate }
    const answer = await client.callNew({
      api: '/v1.0/card/callbacks/register',
      body,
      answer: Registered,
      isCounted: true,
    })
    const url = answer.result?.callbackUrl ?? callbackUrl
    return {
      url,
      isOurs: url === callbackUrl && (answer.result?.apiSecret ?? app.callbackSecret) === app.callbackSecret,
    }
  }
  const found = await register(false)
  if (found.isOurs) return { state: 'registered' }
  // Our own address with another secret is our own registration from before the secret changed.
  if (!replace && found.url !== callbackUrl) return { state: 'taken', url: found.url }
  await register(true)
  return found.url === callbackUrl ? { state: 'registered' } : { state: 'registered', replaced: found.url }
}
