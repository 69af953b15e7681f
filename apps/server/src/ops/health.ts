import { Router } from 'express'
import type { Connections } from '#server/channels/connections.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Store } from '#server/db/stores.ts'
import type { DeliveryWorker } from '#server/delivery/worker.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from './metrics.ts'

export interface HealthDeps {
  store: Store
  channels: LiveChannels
  worker: Pick<DeliveryWorker, 'isRunning'>
  connections: Pick<Connections, 'stateOf'>
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
}

async function channelStates({ channels, connections }: HealthDeps): Promise<ChannelState[]> {
  const live = await channels.all()
  return live.map((channel) => {
    const { name, takesActions } = channel
    if (channel.connect === undefined) return { channel: name, takesActions }
    // One that was switched on a moment ago has not begun.
    const state = connections.stateOf(channel)
    const since = state === null ? null : new Date(state.since).toISOString()
    const connection = { state: state?.status ?? 'connecting', since, reason: state?.reason ?? null }
    return { channel: name, takesActions, connection }
  })
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
