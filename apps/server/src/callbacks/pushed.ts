import { performance } from 'node:perf_hooks'
import type { Channel } from '#server/channels/channel.ts'
import { type Dispatched, dispatch } from './receive.ts'
import type { CallbackRouterDeps } from './routes.ts'

/** What comes over a connection that we hold ourselves goes the same way as a callback, and is answered as one. */
export async function receivePushed(
  deps: Omit<CallbackRouterDeps, 'channels'>,
  channel: Channel,
  inbound: Dispatched,
): Promise<unknown> {
  const startedAt = performance.now()
  deps.witness.saw(channel, 'connection', inbound.kind)
  const { status, body, outcome } = await dispatch(deps, channel, inbound, deps.now())
  deps.observe(channel.name, outcome, (performance.now() - startedAt) / 1_000)
  if (status !== 200) throw new Error(`not handled: ${outcome}`)
  return body
}
