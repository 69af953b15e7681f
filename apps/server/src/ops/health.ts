import { Router } from 'express'
import type { Channel } from '#server/channels/channel.ts'
import type { Connections } from '#server/channels/connections.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Store } from '#server/db/stores.ts'
import type { DeliveryWorker } from '#server/delivery/worker.ts'
import type { Log } from '#server/log.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import { warningFor } from '#server/quota/usage.ts'
import type { Metrics } from './metrics.ts'

export interface HealthDeps {
  store: Store
  channels: LiveChannels
  worker: Pick<DeliveryWorker, 'isRunning'>
  connections: Pick<Connections, 'stateOf'>
  callMeter: Pick<CallMeter, 'usage'>
  metrics: Metrics
  log: Log
  readonly isDraining: boolean
}

/** The database is written to at most this often for the sake of `/readyz`, however often somebody asks. */
const checkEveryMs = 1_000

/**
 * `/healthz`: the process answers. `/readyz`: it can take and carry out decisions, with the reason when it cannot;
 * red while stopping. `/metrics`: Prometheus. None needs credentials, none names a tenant or a person.
 */
export function healthRouter(deps: HealthDeps): Router {
  const router = Router()
  const isWritable = createWriteCheck(deps)

  router.get('/healthz', (_req, res) => void res.json({ status: 'ok' }))

  router.get('/readyz', async (_req, res) => {
    const database = await isWritable()
    const worker = deps.worker.isRunning
    const ready = database && worker && !deps.isDraining
    res.status(ready ? 200 : 503).json({
      status: deps.isDraining ? 'stopping' : ready ? 'ready' : 'not ready',
      checks: { database: database ? 'ok' : 'cannot be written to', worker: worker ? 'ok' : 'stopped' },
      channels: database ? await channelStates(deps) : [],
    })
  })

  router.get('/metrics', async (_req, res) => {
    const { contentType, text } = await deps.metrics.render()
    res.setHeader('content-type', contentType)
    res.send(text)
  })
  return router
}

interface ChannelState {
  channel: string
  takesActions: boolean
  /** Of a channel that we connect to the platform; how it is does not decide about readiness, which is the host's. */
  connection?: { state: string; since: string | null; reason: string | null }
  /** Of a channel whose calls are limited: this month's. `warning`: the highest percentage to be warned of. */
  quota?: { calls: number; of: number; forecast: number; warning: number | null; saving: string[] }
}

async function channelStates(deps: HealthDeps): Promise<ChannelState[]> {
  const live = await deps.channels.all()
  return Promise.all(
    live.map(async (channel) => ({
      channel: channel.name,
      takesActions: channel.takesActions,
      ...connectionState(deps, channel),
      ...(await quotaState(deps, channel)),
    })),
  )
}

function connectionState({ connections }: HealthDeps, channel: Channel): Pick<ChannelState, 'connection'> {
  if (channel.connect === undefined) return {}
  // One that was switched on a moment ago has not begun.
  const state = connections.stateOf(channel)
  const since = state === null ? null : new Date(state.since).toISOString()
  return { connection: { state: state?.status ?? 'connecting', since, reason: state?.reason ?? null } }
}

async function quotaState({ callMeter }: HealthDeps, channel: Channel): Promise<Pick<ChannelState, 'quota'>> {
  const usage = await callMeter.usage(channel)
  if (usage === null) return {}
  const { calls, quota, forecast, savings } = usage
  return { quota: { calls, of: quota, forecast, warning: warningFor(usage), saving: [...savings] } }
}

function createWriteCheck({ store, log }: HealthDeps): () => Promise<boolean> {
  let last: { at: number; result: Promise<boolean> } | null = null
  const check = async (): Promise<boolean> => {
    try {
      await store.checkHealth()
      return true
    } catch (error) {
      log.error({ err: error }, 'the database cannot be written to')
      return false
    }
  }
  return () => {
    const at = performance.now()
    if (last === null || at - last.at > checkEveryMs) last = { at, result: check() }
    return last.result
  }
}
