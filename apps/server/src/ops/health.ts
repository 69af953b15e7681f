import { Router } from 'express'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Store } from '#server/db/stores.ts'
import type { DeliveryWorker } from '#server/delivery/worker.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from './metrics.ts'

export interface HealthDeps {
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
      channels: database ? await channelStates(deps.channels) : [],
    })
  })

  router.get('/metrics', async (_req, res) => {
    const { contentType, text } = await deps.metrics.render()
    res.setHeader('content-type', contentType)
    res.send(text)
  })
  return router
}

async function channelStates(channels: LiveChannels): Promise<{ channel: string; takesActions: boolean }[]> {
  const live = await channels.all()
  return live.map(({ name, takesActions }) => ({ channel: name, takesActions }))
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
