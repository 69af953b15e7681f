import { z } from 'zod'
import { stringAt } from '#sandbox/json.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from '#sandbox/platforms/dingtalk/api.ts'
import type { DingtalkApp } from '#sandbox/world.ts'

export const callbackRouteSchema = z.object({ callbackUrl: z.string(), apiSecret: z.string().exactOptional() })

/** Where the clicks of cards with one route key go. */
export type CallbackRoute = z.infer<typeof callbackRouteSchema>

/** The registrations of `callbacks/register` (register-card-callback-address page). */
export class CallbackRoutes {
  readonly routes: Route[]
  readonly #registered = new Map<string, CallbackRoute>()

  constructor() {
    this.routes = [
      {
        host: 'api',
        method: 'POST',
        path: '/v1.0/card/callbacks/register',
        isCounted: true,
        auth: 'app',
        scope: 'Card.Instance.Write',
        handle: (call) => this.#register(call),
      },
    ]
  }

  find(app: DingtalkApp, routeKey: string): CallbackRoute | undefined {
    return this.#registered.get(`${app.appKey}|${routeKey}`)
  }

  export(): [string, CallbackRoute][] {
    return [...this.#registered]
  }

  restore(entries: [string, CallbackRoute][]): void {
    for (const [key, route] of entries) this.#registered.set(key, route)
  }

  /** A key that is taken keeps its address until the caller insists; the answer says what is stored. */
  #register({ app, body }: AppCall): Reply {
    const routeKey = stringAt(body, 'callbackRouteKey')
    const callbackUrl = stringAt(body, 'callbackUrl')
    if (!routeKey) return refusal('param.callbackRouteKeyEmpty')
    if (!callbackUrl) return refusal('param.callbackUrlEmpty')
    if (!/^https?:\/\//.test(callbackUrl) || !URL.canParse(callbackUrl)) return refusal('system.updateCallbackFailed')
    const apiSecret = stringAt(body, 'apiSecret')
    const key = `${app.appKey}|${routeKey}`
    const known = this.#registered.get(key)
    const stored =
      known !== undefined && body.forceUpdate !== true
        ? known
        : { callbackUrl, ...(apiSecret === undefined ? {} : { apiSecret }) }
    this.#registered.set(key, stored)
    return ok({ success: true, result: { callbackUrl: stored.callbackUrl, apiSecret: stored.apiSecret ?? '' } })
  }
}
