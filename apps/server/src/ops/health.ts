import { Router } from 'express'
import type { Channel } from '#server/channels/channel.ts'
import { type ChannelStateDeps, channelState } from '#server/channels/channel-state.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Store } from '#server/db/stores.ts'
import type { DeliveryWorker } from '#server/delivery/worker.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from './metrics.ts'

export interface HealthDeps extends ChannelStateDeps {
  store: Store
  channels: LiveChannels
  worker: Pick<DeliveryWorker, 'isRunning'>
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

/** How a channel stands, for those who watch the host. */
interface ChannelReadiness {
  channel: string
  takesActions: boolean
  /** Of a channel that we connect to the platform; how it is does not decide about readiness, which is the host's. */
  connection?: { state: string; since: string | null; reason: string | null }
  /** Of a channel whose platform is told our address by call. Whose address stands there instead, the API tells. */
  callbackRegistration?: { state: string; code: string | null }
  /** Of a channel whose calls are limited: this month's. `warning`: the highest percentage to be warned of. */
  quota?: { calls: number; of: number; forecast: number; warning: number | null; saving: string[] }
}

async function channelStates(deps: HealthDeps): Promise<ChannelReadiness[]> {
  const live = await deps.channels.all()
  return Promise.all(live.map((channel) => readinessOf(deps, channel)))
}

async function readinessOf(deps: HealthDeps, channel: Channel): Promise<ChannelReadiness> {
  const { takesActions, connection, registration, quota } = await channelState(deps, channel)
  const readiness: ChannelReadiness = { channel: channel.name, takesActions }
  if (connection !== null) {
    const { status: state, since, reason } = connection
    readiness.connection = { state, since: since === null ? null : new Date(since).toISOString(), reason }
  }
  if (registration !== null) {
    readiness.callbackRegistration = { state: registration.state, code: registration.code }
  }
  if (quota !== null) {
    const { calls, forecast, warning } = quota
    readiness.quota = { calls, of: quota.quota, forecast, warning, saving: [...quota.savings] }
  }
  return readiness
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
